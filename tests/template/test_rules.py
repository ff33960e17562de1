"""Compatibility rules for template authors: each finds its planted fault."""

import sys
from datetime import date
from pathlib import Path

import pytest

from extensions import prepare
from extensions.questions import ROOT
from extensions.release import releases
from extensions.rules import SECTIONS, broken
from tests.support.commands import commit, succeed
from tests.support.fixture_types import Run
from tests.support.template_faults import (
    Fault,
    both,
    instead,
    mode,
    more,
    moving,
    nothing,
)

NOTES = "## Unreleased\n\n" + "".join(f"### {it}\n\n- Nothing.\n\n" for it in SECTIONS)
QUESTION = "colour:\n  type: str\n  default: red\n"


def asking(text: str) -> Fault:
    """Return a fault that adds a question."""
    return more("questions/standard.yml", text)


def declaring(details: str) -> Fault:
    """Return a change that lists the question colour in extensions/promises.yml."""
    file = "extensions/promises.yml"
    return instead(file, "questions:\n", f"questions:\n  colour: {details}\n")


RENAMED = moving("template/app/core/ids.py", "template/app/core/keys.py")
FAULTS = {
    "removed choice": (
        instead(
            "questions/standard.yml",
            "    standard library with a JSON formatter: stdlib\n",
            "",
        ),
        "logging: the choice 'stdlib' is gone",
    ),
    "renamed question": (
        instead("questions/delivery.yml", "\nci:\n", "\npipeline:\n"),
        "ci: the question is gone",
    ),
    "changed kind": (
        instead("features/docker.yml", "type: bool", "type: str"),
        "docker: was a bool and is a str",
    ),
    "no default": (
        asking(QUESTION.replace("  default: red\n", "")),
        "colour: has no default",
    ),
    "no entry for the new question": (
        asking(QUESTION),
        "colour: extensions/promises.yml does not say",
    ),
    "another default": (
        both(asking(QUESTION), declaring("{had: blue}")),
        "colour: projects had 'blue', not the default",
    ),
    "identity": (
        instead("questions/project.yml", "{{ slug_from(project_name) }}", "service"),
        "project_slug: names projects, and is asked otherwise",
    ),
    "stricter identity": (
        instead("questions/project.yml", "'^https://'", "'^https://git'"),
        "repository_url: names projects, and is asked otherwise",
    ),
    "renamed file": (RENAMED, "app/core/ids.py: is gone"),
    "no longer run": (
        mode("template/lock.py", 0o644),
        "lock.py: could be run, and can not any more",
    ),
    "edited migration": (
        instead("template/alembic/versions/0001_items.py", "120", "100"),
        "alembic/versions/0001_items.py: a shipped migration was changed",
    ),
    "edited migration that is declared": (
        both(
            instead("template/alembic/versions/0001_items.py", "120", "100"),
            instead(
                "extensions/promises.yml",
                "\nmigrations:\n",
                "\nmigrations:\n  alembic/versions/0001_items.py: for fun\n",
            ),
        ),
        "alembic/versions/0001_items.py: a shipped migration was changed",
    ),
    "migration on another revision": (
        instead("template/alembic/versions/0002_users.py.jinja", '"0001"', "None"),
        "alembic/versions/0002_users.py: a shipped migration was changed",
    ),
    "migration with another text": (
        instead("template/alembic/versions/0001_items.py", '"""Items', '"""The items'),
        "alembic/versions/0001_items.py: extensions/promises.yml has no reason",
    ),
    "reworded anchor": (
        instead("template/Makefile.jinja", "-- Your own targets", "-- Your targets"),
        "Makefile: people wrote below '# -- Your own targets below this line, or in",
    ),
    "reworded anchor between blocks": (
        instead("template/compose.yaml.jinja", "-- Your own volumes", "-- Volumes"),
        "compose.yaml: people wrote below '# -- Your own volumes",
    ),
    "no notes": (
        instead("pyproject.toml", '\nversion = "', '\nversion = "9'),
        "CHANGELOG.md: has no notes of 9",
    ),
    "missing notes": (
        instead("CHANGELOG.md", "### Before you deploy\n\n- Nothing:", "- Nothing:"),
        "CHANGELOG.md: 0.3.0 has no 'Before you deploy'",
    ),
    "empty notes": (
        instead(
            "CHANGELOG.md", "- Nothing: no variable is new, and no migration.\n", ""
        ),
        "CHANGELOG.md: 0.3.0 has no 'Before you deploy'",
    ),
}


@pytest.fixture
def template(source: Path, tmp_path: Path) -> Path:
    """Clone the template, without unreleased changes."""
    succeed(["git", "clone", "--quiet", source, "template"], tmp_path)
    changelog = tmp_path / "template/CHANGELOG.md"
    notes = changelog.read_text(encoding="utf-8")
    # Unreleased notes are removed: the tests write their own.
    changelog.write_text(prepare.UNRELEASED.sub("", notes), encoding="utf-8")
    mode("template/lock.py", 0o755)(tmp_path / "template")
    commit(tmp_path / "template", "Something that can be run")
    return tmp_path / "template"


def test_template_keeps_the_rules() -> None:
    *_, last = releases(ROOT).values()

    assert broken(ROOT, last) == []


@pytest.mark.parametrize(("plant", "found"), FAULTS.values(), ids=FAULTS)
def test_planted_fault_breaks_its_rule(
    plant: Fault, found: str, template: Path
) -> None:
    assert broken(template, "HEAD") == []
    plant(template)

    assert [line for line in broken(template, "HEAD") if line.startswith(found)]


@pytest.mark.parametrize(
    "plant",
    [
        both(asking(QUESTION), declaring("{had: red}")),
        both(asking(QUESTION), declaring("{derived: as `logging`}")),
        both(
            RENAMED,
            instead(
                "extensions/promises.yml",
                "\nmoved:\n",
                "\nmoved:\n  app/core/ids.py: app/core/keys.py\n",
            ),
        ),
        both(
            instead("template/alembic/versions/0001_items.py", '"""It', '"""All it'),
            instead(
                "extensions/promises.yml",
                "\nmigrations:\n",
                "\nmigrations:\n  alembic/versions/0001_items.py: it reads better\n",
            ),
        ),
    ],
    ids=["the default", "a derivation", "a file that moves", "a new text"],
)
def test_declared_change_is_accepted(plant: Fault, template: Path) -> None:
    plant(template)

    assert broken(template, "HEAD") == []


@pytest.mark.parametrize(
    ("version", "plant", "found"),
    [
        ("", nothing, "say which: make release VERSION="),
        ("v9.9.9", nothing, "say which: make release VERSION="),
        ("0.1.0", nothing, "0.1.0 does not follow"),
        ("9.9.9", asking("# Not committed.\n"), "there are changes"),
        ("9.9.9", nothing, "CHANGELOG.md has no notes"),
    ],
)
def test_release_is_refused_in_one_line(
    version: str, plant: Fault, found: str, template: Path
) -> None:
    plant(template)
    [last] = releases(template)
    [line] = prepare.objections(template, version, last)

    assert line.startswith(found)


def test_release_that_breaks_a_rule_is_refused(template: Path) -> None:
    [last] = releases(template)
    instead("CHANGELOG.md", f"## {last}", f"{NOTES}## {last}")(template)
    commit(template, "Notes")
    assert prepare.objections(template, "9.9.9", last) == []
    RENAMED(template)
    commit(template, "Another name")

    assert "ids.py: is gone" in " ".join(prepare.objections(template, "9.9.9", last))


def test_release_turns_the_unreleased_section_into_a_version(template: Path) -> None:
    instead("CHANGELOG.md", "## 0.", f"{NOTES}## 0.")(template)
    prepare.write(template, "9.9.9", date(2030, 1, 31))

    assert '\nversion = "9.9.9"\n' in (template / "pyproject.toml").read_text("utf-8")
    changelog = (template / "CHANGELOG.md").read_text("utf-8")
    assert "## 9.9.9 (2030-01-31)\n" in changelog and "Unreleased" not in changelog


@pytest.mark.nightly
def test_make_release_prints_the_changes_and_the_next_steps(
    template: Path, run: Run
) -> None:
    instead("CHANGELOG.md", "## 0.", f"{NOTES}## 0.")(template)
    more("template/app/core/ids.py", "# One line more.\n")(template)
    commit(template, "Notes")
    prepared = run([sys.executable, "-m", "extensions.prepare", "9.9.9"], template)

    assert prepared.returncode == 0
    assert "\n  minimal: 1 files, 1 lines more, 0 less\n" in prepared.stdout
    assert 'git commit --all --message "Release 9.9.9"' in prepared.stdout
