"""Questions: their order and defaults, what they refuse, and what texts survive."""

import ast
import json
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import black
import copier
import pytest
import yaml

from extensions.questions import ROOT, questions
from extensions.rendering import answers_of, presets, render
from tests.house.answers import ACCEPTED, MARKDOWN, NASTY, REFUSED, SLUGS, TEXTS
from tests.house.commands import append, commit, succeed

Ask = Callable[..., Path]

DEFAULTS = {
    "project_name": "My Service",
    "project_slug": "my-service",
    "project_description": "A backend service built with FastAPI.",
    "author_name": "Your Name",
    "author_email": "you@example.com",
    "repository_url": "https://github.com/example/my-service",
    "license": "MIT",
    "python_version": "3.13",
    "auth": True,
    "example": True,
    "docker": True,
    "ci": "github",
}
CHOICES = {
    "license": ("proprietary", "MIT", "Apache-2.0", "BSD-3-Clause"),
    "python_version": ("3.12", "3.13", "3.14", "3.15"),
    "ci": ("github", "none"),
}
# The same spelling between double quotes has to hold in each of these.
READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "toml": ('{0} = "{1}"', tomllib.loads),
    "yaml": ('{0}: "{1}"', yaml.safe_load),
    "json": ('{{"{0}": "{1}"}}', json.loads),
    "py": ('{{\n    "{0}": "{1}",\n}}', ast.literal_eval),
}


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the template's questions with a few files that show the answers."""
    place = tmp_path_factory.mktemp("probe")
    for name in ("alternatives", "features", "includes", "questions"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "copier.yml", place)
    files = {
        "derived.json": "{{ {%s} | to_json }}"
        % ", ".join(f"'{name}': {name}" for name in computed()),
        **{
            f"{text}.{kind}": line.format(text, f"{{{{ escaped.{text} }}}}") + "\n"
            for text in TEXTS
            for kind, (line, _) in READERS.items()
        },
    }
    (place / "template").mkdir()
    for name, content in files.items():
        (place / "template" / f"{name}.jinja").write_text(content, encoding="utf-8")
    for seam in ("LICENSE.jinja", "{{ _copier_conf.answers_file }}.jinja"):
        shutil.copy(ROOT / "template" / seam, place / "template")
    return place


@pytest.fixture
def ask(probe: Path, tmp_path: Path) -> Ask:
    """Answer some questions; the others have their defaults."""
    return lambda **answers: render(tmp_path / "asked", answers, source=probe)


def computed() -> list[str]:
    """Name the values that nobody is asked for."""
    return [name for name, question in questions().items() if not question.asked]


def derived(project: Path) -> dict[str, Any]:
    """Read the computed values of a project."""
    values = json.loads((project / "derived.json").read_text(encoding="utf-8"))
    return dict(values)


def recorded(project: Path) -> dict[str, Any]:
    """Read the answers that an update will start from."""
    return {
        name: answer
        for name, answer in answers_of(project).items()
        if not name.startswith("_")
    }


def test_people_are_asked_in_the_order_in_which_they_think() -> None:
    assert [*questions()] == [*DEFAULTS, *computed()]


def test_every_question_says_what_its_answer_changes() -> None:
    mute = [
        name
        for name, question in questions().items()
        if question.asked and not re.search(r"(:|\?) \w+ .+", question.help)
    ]

    assert mute == []


def test_a_question_has_the_choices_of_the_contract() -> None:
    offered = {
        name: question.choices
        for name, question in questions().items()
        if question.choices
    }

    assert offered == CHOICES


def test_whoever_answers_nothing_gets_the_defaults(ask: Ask) -> None:
    project = ask()

    assert recorded(project) == DEFAULTS
    assert derived(project) == {
        "github": True,
        "license_id": "MIT",
        "python_nodot": "313",
        "python_tag": "py313",
        "versions": yaml.safe_load((ROOT / "includes/versions.yml").read_text()),
        "escaped": {name: DEFAULTS[name] for name in TEXTS},
        "markdown": {name: DEFAULTS[name] for name in TEXTS[:2]},
    }


def test_computed_values_follow_the_answers(ask: Ask) -> None:
    values = derived(ask(ci="none", license="proprietary", python_version="3.12"))

    assert values["github"] is False
    assert values["license_id"] == "LicenseRef-Proprietary"
    assert values["python_tag"] == "py312"


@pytest.mark.parametrize("name", presets())
def test_a_preset_answers_questions_that_exist(name: str, ask: Ask) -> None:
    answers = presets()[name]

    assert recorded(ask(**answers)) == DEFAULTS | answers


@pytest.mark.parametrize(("name", "answer", "said"), REFUSED)
def test_an_answer_is_refused_with_what_to_type(
    name: str, answer: str, said: str, ask: Ask, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=f"for (question )?'{name}': ") as refusal:
        ask(**{name: answer})

    assert said in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    ("name", "answer"), [(name, text) for name in ACCEPTED for text in ACCEPTED[name]]
)
def test_an_unusual_answer_is_accepted(name: str, answer: str, ask: Ask) -> None:
    assert recorded(ask(**{name: answer}))[name] == answer


@pytest.mark.parametrize("word", ["no", "No", "false", "off", 0, False])
def test_a_switch_knows_the_words_for_no(word: object, ask: Ask) -> None:
    assert recorded(ask(auth=word))["auth"] is False


@pytest.mark.parametrize(("name", "slug"), SLUGS.items())
def test_a_slug_is_made_from_any_name(name: str, slug: str, ask: Ask) -> None:
    answers = recorded(ask(project_name=name))

    assert answers["project_slug"] == slug
    assert answers["repository_url"] == f"https://github.com/example/{slug}"


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_what_it_is_in_every_language(text: str, ask: Ask) -> None:
    project = ask(**dict.fromkeys(TEXTS, text))
    files = [(name, kind) for name in TEXTS for kind in READERS]
    changed = [
        (name, kind)
        for name, kind in files
        if READERS[kind][1]((project / f"{name}.{kind}").read_text()) != {name: text}
    ]

    assert changed == []
    assert {name: recorded(project)[name] for name in TEXTS} == dict.fromkeys(
        TEXTS, text
    )


@pytest.mark.parametrize("text", [text for text in NASTY if '"' in text])
def test_black_leaves_a_line_with_a_text_as_it_is(text: str, ask: Ask) -> None:
    rendered = (ask(project_name=text) / "project_name.py").read_text()

    assert black.format_str(rendered, mode=black.Mode()) == rendered


@pytest.mark.parametrize(("text", "markdown"), MARKDOWN.items())
def test_a_text_formats_nothing_in_markdown(text: str, markdown: str, ask: Ask) -> None:
    values = derived(ask(project_name=text, project_description=text))

    assert set(values["markdown"].values()) == {markdown}


def test_an_update_keeps_every_text(probe: Path, tmp_path: Path) -> None:
    template, project = tmp_path / "template", tmp_path / "project"
    shutil.copytree(probe, template)
    succeed(["git", "init", "--quiet"], template)
    commit(template)
    answers = dict(zip(TEXTS, NASTY, strict=False)) | {"license": "BSD-3-Clause"}
    render(project, answers, source=template)
    succeed(["git", "init", "--quiet"], project)
    commit(project)
    append(template / "alternatives/license/BSD-3-Clause.txt", "New.\n")
    commit(template)
    copier.run_update(
        project, vcs_ref="HEAD", defaults=True, overwrite=True, quiet=True
    )

    assert recorded(project) == recorded(
        render(tmp_path / "new", answers, source=probe)
    )
    assert (project / "LICENSE").read_text(encoding="utf-8").endswith("\nNew.\n")
    changed = succeed(["git", "status", "--porcelain"], project).split()
    assert changed == ["M", ".copier-answers.yml", "M", "LICENSE"]


@pytest.mark.parametrize("name", CHOICES["license"])
def test_the_license_names_its_holder_and_no_year(name: str, ask: Ask) -> None:
    license_text = (ask(license=name, author_name="Ann & Bo") / "LICENSE").read_text()
    dated = re.findall(r"\b(?:19|20)\d\d\b", license_text)

    assert ("Copyright (c) Ann & Bo" in license_text) == (name != "Apache-2.0")
    assert dated == (["2004"] if name == "Apache-2.0" else [])


def test_copier_says_which_three_commands_come_next(
    probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "it's here"
    copier.run_copy(str(probe), place, defaults=True)
    lines = [line.strip() for line in capsys.readouterr().err.splitlines()]

    assert [line for line in lines[-4:] if line] == [
        f"cd '{tmp_path}/it'\"'\"'s here'",
        "make install",
        "make run",
    ]


def test_copier_says_nothing_when_it_is_told_to_be_quiet(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    ask()

    assert capsys.readouterr() == ("", "")
