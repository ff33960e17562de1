"""Questions: order, defaults, refusals, and texts that survive rendering."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import black
import copier
import pytest
import yaml

from extensions.questions import ROOT, questions
from extensions.rendering import presets, render
from tests.support import answers as given
from tests.support.answers import CHOICES, DEFAULTS, NASTY, SWITCHES, TEXTS
from tests.support.commands import append, commit, succeed
from tests.support.sample_questions import (
    build,
    computed,
    derived,
    misread,
    read,
    recorded,
)

Ask = Callable[..., Path]


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a template of all questions, and a few files that show the answers."""
    return build(tmp_path_factory.mktemp("probe"))


@pytest.fixture
def ask(probe: Path, tmp_path: Path) -> Ask:
    """Return a function that renders it with given answers and defaults."""
    return lambda **answers: render(tmp_path / "asked", answers, source=probe)


def test_questions_keep_the_order_of_the_contract() -> None:
    assert [*questions()] == [*DEFAULTS, *computed()]


def too_long(helps: dict[str, str]) -> list[str]:
    """Return the prompts that are empty, or longer than one line."""
    prompt = re.compile(r"[A-Z][^\n]{1,75}")
    return [name for name, text in helps.items() if not prompt.fullmatch(text)]


def test_prompt_is_one_short_line() -> None:
    assert too_long({q.name: q.help for q in questions().values() if q.asked}) == []


@pytest.mark.parametrize("text", ["", "A\nB", "license", "Long " * 20])
def test_long_or_empty_prompt_is_found(text: str) -> None:
    assert too_long({"license": text}) == ["license"]


@pytest.mark.parametrize("name", SWITCHES)
def test_switch_names_its_contents(name: str) -> None:
    assert re.fullmatch(r"[^?]+\? \(.+\)", questions()[name].help)


def test_question_has_the_choices_of_the_contract() -> None:
    offered = {name: one.choices for name, one in questions().items() if one.choices}

    assert offered == CHOICES


def test_unanswered_questions_have_their_defaults(ask: Ask) -> None:
    project = ask()

    assert recorded(project) == DEFAULTS
    assert derived(project) == {
        **dict.fromkeys(("anonymous", "bare", "pyright_alone"), False),
        **dict.fromkeys(("alone", "repeating"), True),
        **dict.fromkeys(("mypy_alone", "managed"), True),
        **dict.fromkeys(("uv", "postgresql", "mypy", "structlog", "github"), True),
        "github_image": True,
        **dict.fromkeys(("poetry", "pip", "sqlite", "sqlmodel"), False),
        **dict.fromkeys(("pyright", "stdlib", "gitlab"), False),
        "resources": True,
        "owners_in_sqlalchemy": True,
        "owners_in_sqlmodel": False,
        **dict.fromkeys(("replicated", "persistent", "imageless"), False),
        **dict.fromkeys(("traced_statements", "versioned", "scraped"), False),
        "untraced": True,
        **dict.fromkeys(("worker", "worker_pods", "item_jobs"), False),
        "nested": False,
        "revisions": dict.fromkeys(
            ("jobs", "idempotency", "mail", "roles", "api_keys", "oidc"), "0002"
        ),
        **dict.fromkeys(("mailer", "mail_jobs", "mail_tasks"), False),
        **dict.fromkeys(("mailless", "unmailed_users"), True),
        "outbox": "tasks",
        **dict.fromkeys(("user_roles", "machine_keys", "permissions"), False),
        **dict.fromkeys(("roleless", "item_grants", "item_permissions"), False),
        **dict.fromkeys(("unranked", "user_only", "keyless_users"), True),
        **dict.fromkeys(("nested_cache", "traced_jobs", "shared_logins"), False),
        **dict.fromkeys(("openid", "openid_permissions", "dependent"), False),
        "unfederated": True,
        **dict.fromkeys(("workerless", "alone", "repeating"), True),
        "secrets": True,
        "staging": "my-service-staging",
        "manager": yaml.safe_load(read(ROOT / "includes/package_managers.yml"))["uv"],
        "checkers": "mypy",
        "license_id": "MIT",
        "python_nodot": "313",
        "python_tag": "py313",
        "versions": yaml.safe_load(read(ROOT / "includes" / "versions.yml")),
        "escaped": {name: DEFAULTS[name] for name in TEXTS},
        "markdown": {name: DEFAULTS[name] for name in TEXTS[:2]},
    }


def test_computed_values_follow_the_answers(ask: Ask) -> None:
    values = derived(ask(ci="none", license="proprietary", python_version="3.12"))

    assert values["github"] is False
    assert values["license_id"] == "LicenseRef-Proprietary"
    assert values["python_tag"] == "py312"


@pytest.mark.parametrize("database", CHOICES["database"])
def test_jobs_are_for_postgresql(database: str, ask: Ask) -> None:
    project = ask(jobs=True, database=database)

    assert derived(project)["worker"] is (database == "postgresql")
    assert recorded(project).get("jobs", False) is (database == "postgresql")


@pytest.mark.parametrize("auth", [True, False])
def test_roles_and_keys_are_for_users(auth: bool, ask: Ask) -> None:
    project = ask(roles=True, api_keys=True, auth=auth)

    assert derived(project)["user_roles"] is derived(project)["machine_keys"] is auth
    assert recorded(project).get("roles", False) is auth


@pytest.mark.parametrize("auth", [True, False])
def test_login_at_providers_needs_users(auth: bool, ask: Ask) -> None:
    project = ask(oidc=True, auth=auth)

    assert derived(project)["openid"] is auth
    assert recorded(project).get("oidc", False) is auth


@pytest.mark.parametrize("auth", [True, False])
def test_example_of_an_owner_uses_the_orm_of_the_project(auth: bool, ask: Ask) -> None:
    values = derived(ask(orm="sqlmodel", auth=auth))

    assert values["owners_in_sqlmodel"] is auth
    assert values["owners_in_sqlalchemy"] is False


@pytest.mark.parametrize("database", CHOICES["database"])
def test_cluster_is_replicated_or_has_a_volume(database: str, ask: Ask) -> None:
    values = derived(ask(kubernetes=True, database=database, project_slug="a" * 63))

    assert values["replicated"] is (database == "postgresql")
    assert values["persistent"] is (database == "sqlite")
    assert len(values["staging"]) == 63


def test_answer_both_selects_two_type_checkers(ask: Ask) -> None:
    values = derived(ask(type_checker="both"))

    assert values["mypy"] and values["pyright"]
    assert values["checkers"] == "mypy and pyright"
    assert not values["mypy_alone"] and not values["pyright_alone"]


@pytest.mark.parametrize("name", presets())
def test_preset_answers_existing_questions(name: str, ask: Ask) -> None:
    answers = presets()[name]

    given = DEFAULTS | answers
    assert recorded(ask(**answers)) == {
        name: answer
        for name, answer in given.items()
        if (name != "jobs" or given["database"] == "postgresql")
        and (name not in ("mail", "roles", "api_keys", "oidc") or given["auth"])
    }


@pytest.mark.parametrize(("name", "answer", "problem"), given.REFUSED)
def test_invalid_answer_is_refused_with_an_example(
    name: str, answer: str, problem: str, ask: Ask, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=f"for (question )?'{name}': ") as refusal:
        ask(**{name: answer})

    assert problem in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    ("name", "answer"),
    [(name, text) for name in given.ACCEPTED for text in given.ACCEPTED[name]],
)
def test_unusual_answer_is_accepted(name: str, answer: str, ask: Ask) -> None:
    assert recorded(ask(**{name: answer}))[name] == answer


@pytest.mark.parametrize("word", ["no", "No", "false", "off", 0, False])
def test_switch_accepts_every_word_for_no(word: object, ask: Ask) -> None:
    assert recorded(ask(auth=word))["auth"] is False


@pytest.mark.parametrize(("name", "slug"), given.SLUGS.items())
def test_slug_is_derived_from_any_name(name: str, slug: str, ask: Ask) -> None:
    answers = recorded(ask(project_name=name))

    assert answers["project_slug"] == slug
    assert answers["repository_url"] == f"https://github.com/example/{slug}"


@pytest.mark.parametrize("name", CHOICES["license"])
def test_license_names_its_holder_and_no_year(name: str, ask: Ask) -> None:
    terms = read(ask(license=name, author_name="Ann & Bo") / "LICENSE")
    dated = re.findall(r"\b(?:19|20)\d\d\b", terms)

    assert ("Copyright (c) Ann & Bo" in terms) == (name != "Apache-2.0")
    assert dated == (["2004"] if name == "Apache-2.0" else [])


def test_copy_ends_with_the_next_steps(
    probe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "it's here"
    copier.run_copy(str(probe), place, defaults=True)
    lines = capsys.readouterr().err.splitlines()
    steps = [re.split(r" {3,}", line.strip())[0] for line in lines if line.strip()]

    assert steps[-5:] == [
        f"cd '{tmp_path}/it'\"'\"'s here'",
        "git init",
        "make install",
        "make run",
        "make check",
    ]


def test_quiet_copy_prints_nothing(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    ask()

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("text", NASTY)
def test_text_is_escaped_in_every_file_format(text: str, ask: Ask) -> None:
    project = ask(**dict.fromkeys(TEXTS, text))

    assert misread(project, text) == []
    assert [recorded(project)[name] for name in TEXTS] == [text] * len(TEXTS)


@pytest.mark.parametrize("text", [text for text in NASTY if '"' in text])
def test_black_does_not_change_an_escaped_text(text: str, ask: Ask) -> None:
    rendered = read(ask(project_name=text) / "project_name.py")

    assert black.format_str(rendered, mode=black.Mode()) == rendered


@pytest.mark.parametrize(("text", "markdown"), given.MARKDOWN.items())
def test_text_is_escaped_in_markdown(text: str, markdown: str, ask: Ask) -> None:
    values = derived(ask(project_name=text, project_description=text))

    assert set(values["markdown"].values()) == {markdown}


@pytest.fixture
def template(probe: Path, tmp_path: Path) -> Path:
    """Create a copy of that template in a repository."""
    place = shutil.copytree(probe, tmp_path / "template")
    succeed(["git", "init", "--quiet"], place)
    commit(place)
    return place


def test_update_keeps_every_text_and_ends_with_the_next_steps(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = dict(zip(TEXTS, (" ".join(NASTY), "null", "3.10"), strict=True))
    answers = texts | {"license": "proprietary"}
    project = render(tmp_path / "project", answers, source=template)
    succeed(["git", "init", "--quiet"], project)
    commit(project)
    append(template / "alternatives" / "license" / "proprietary.txt", "New.\n")
    commit(template)
    copier.run_update(project, vcs_ref="HEAD", defaults=True, overwrite=True)
    fresh = render(tmp_path / "fresh", answers, source=template)

    assert recorded(project) == recorded(fresh)
    assert read(project / "LICENSE") == read(fresh / "LICENSE")
    changed = succeed(["git", "diff", "--name-only"], project).split()
    assert changed == [".copier-answers.yml", "LICENSE"]
    assert capsys.readouterr().err.count("make check") == 1
