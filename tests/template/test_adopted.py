"""The tree of repositories that adopt the standard only agrees with the template."""

import re
from pathlib import Path

import pytest
import yaml

from extensions.questions import ROOT
from extensions.rendering import ANSWERS_FILE, answers_of, render
from tests.support.shared_cache import SharedCache

STANDARD = "template/standards/catalogue.yml.jinja"
KNOWN = {
    "scope": "standards",
    "sources": ["src/shop", "main.py"],
    "tests": ["tests"],
    "minimum_python": "3.12",
}
# Modules of the standard that are the same in every project.
SAME = (
    "catalogue.py",
    "project.py",
    "report.py",
    "backend-standards.md",
    "sgconfig.yml",
)


@pytest.fixture(scope="session")
def adopted(shared_cache: SharedCache, source: Path) -> Path:
    """Return what a repository gets, read-only."""
    return shared_cache.once(
        "rendered/adopted", lambda place: render(place, KNOWN, source=source)
    )


def identifiers(name: str) -> set[str]:
    """Return the IDs of a catalogue's rules."""
    return {
        *re.findall(r"^- \{id: ([A-Z]+-\d+)", (ROOT / name).read_text("utf-8"), re.M)
    }


def versions(name: str) -> dict[str, str]:
    """Return the requirements of a file by the name of the distribution."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"^ *\"?([a-z][a-z0-9-]+)((?:==|>=)[^\"\n]+)", text, re.M)
    return dict(found)


def test_catalogue_has_the_rules_of_the_standard() -> None:
    assert identifiers("adopted/standards/catalogue.yml") == identifiers(STANDARD)


def test_tools_have_the_versions_of_projects() -> None:
    own = versions("adopted/standards/requirements.txt")

    assert own and own.items() <= versions("template/pyproject.toml.jinja").items()


@pytest.mark.parametrize("name", SAME)
def test_runner_is_that_of_projects(name: str, adopted: Path) -> None:
    expected = (ROOT / "template/standards" / name).read_bytes()

    assert (adopted / "standards" / name).read_bytes() == expected


def test_bootstrap_is_that_of_projects(adopted: Path) -> None:
    expected = (ROOT / "template/upkeep.py").read_bytes()

    assert (adopted / "upkeep.py").read_bytes() == expected


def test_code_rules_are_about_the_code_of_the_repository(adopted: Path) -> None:
    scopes: list[str] = []
    for path in (adopted / "standards/code").glob("*.yml"):
        for rule in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            scopes += [*rule["files"], *rule.get("ignores", [])]

    assert "src/shop/**/*.py" in scopes and "main.py" in scopes
    assert [it for it in scopes if re.search(r"\bapp\b", it)] == []


def test_answers_are_those_of_the_scope(adopted: Path) -> None:
    answers = answers_of(adopted)

    assert KNOWN.items() <= answers.items()
    assert "auth" not in answers and "database" not in answers


def test_new_project_has_no_answer_of_the_scope(render_default: Path) -> None:
    assert answers_of(render_default).keys().isdisjoint(KNOWN)
    assert "scope" not in (render_default / ANSWERS_FILE).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def render_default(shared_cache: SharedCache, source: Path) -> Path:
    """Return a new project, read-only."""
    return shared_cache.once(
        "rendered/of-no-scope", lambda place: render(place, source=source)
    )
