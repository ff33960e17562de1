"""Tests of the code that the template owns, run inside rendered projects.

`tests/data/project_tests` mirrors `tests/` of a project. Its files are copied to
`tests/deep/`, where the fixtures of the project's `tests/conftest.py` are found.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.postgresql import Server
from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support import copies
from tests.support.fixture_types import Project, Run
from tests.support.matrix import EVERYTHING, whole
from tests.support.shared_cache import SharedCache, key

SOURCE = ROOT / "tests" / "data" / "project_tests"
# For each answer: the files that need it.
NEEDS: dict[str, dict[Any, list[str]]] = yaml.safe_load(
    SOURCE.with_suffix(".yml").read_text(encoding="utf-8")
)
ON_SQLITE: dict[str, Answers] = {
    "standard": {},
    "stdlib logging, mail": {"logging": "stdlib", "mail": True},
    "SQLite only": {"database": "sqlite"},
    "minimal": {"auth": False, "example": False, "docker": False, "ci": "none"},
    "everything": EVERYTHING,
}
ON_POSTGRESQL: dict[str, Answers] = {
    "standard": {},
    "SQLModel": {"orm": "sqlmodel", "jobs": True, "telemetry": True},
    "everything": EVERYTHING,
}
# They take up to a minute in a project, and depend on no other answer than `orm`.
SLOW = {
    "integration/api/test_streams.py",
    "integration/test_generated_migrations.py",
    "integration/test_planted_migrations.py",
}
# Tests of the domain and of the API; the other files test infrastructure.
DOMAIN = re.compile(
    r"tests/(integration/api/test_(accounts|auth|items?|openapi|schema|security"
    r"|sequences|sessions|tokens|users)|integration/test_(migrations|users)"
    r"|unit/(models|schemas|services)/.*)\.py"
)


def files(answers: Answers) -> list[str]:
    """Return the deep tests that a project with these answers can run."""
    chosen = whole(dict(answers))
    missing = {
        file
        for answer, values in NEEDS.items()
        for value, needing in values.items()
        if chosen[answer] != value
        for file in needing
    }
    if answers.keys() - {"orm", "jobs", "telemetry"}:
        missing |= SLOW
    found = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("test_*.py")}
    return sorted(found - missing)


def with_deep_tests(
    project: Project, shared_cache: SharedCache, answers: Answers
) -> Path:
    """Copy an installed project, which shares its environment, and add the tests."""

    def make(place: Path) -> None:
        copies.copy(project(answers), place)
        for file in files(answers):
            deep = place / "tests" / "deep" / file
            deep.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / file, deep)

    return shared_cache.once(f"deep/{key(answers)}", make)


@pytest.mark.parametrize("cell", ON_SQLITE)
def test_infrastructure_on_sqlite(
    cell: str, project: Project, shared_cache: SharedCache, run: Run
) -> None:
    place = with_deep_tests(project, shared_cache, ON_SQLITE[cell])

    tested = run([".venv/bin/python", "-m", "pytest", "-q", "tests/deep"], place)

    assert tested.returncode == 0


@pytest.mark.parametrize("cell", ON_POSTGRESQL)
def test_infrastructure_on_postgresql(
    cell: str, project: Project, shared_cache: SharedCache, run: Run, postgresql: Server
) -> None:
    place = with_deep_tests(project, shared_cache, ON_POSTGRESQL[cell])
    server = {"TEST_DATABASE_URL": postgresql.database()}

    tests = ["tests/deep", "tests/unit", "tests/integration"]
    command = [".venv/bin/python", "-m", "pytest", "-q", *tests]
    tested = run([*command, "--cov", "--cov-fail-under=97"], place, server)

    assert tested.returncode == 0
    assert "skipped" not in tested.stdout.splitlines()[-1]


@pytest.mark.parametrize("cell", ["standard", "everything"])
def test_deep_tests_pass_the_static_gates_of_a_project(
    cell: str, project: Project, shared_cache: SharedCache, run: Run
) -> None:
    place = with_deep_tests(project, shared_cache, ON_SQLITE[cell])
    for tool in (["black", "--check"], ["isort", "--check"], ["flake8"], ["mypy"]):
        command = [".venv/bin/python", "-m", *tool, "tests/deep"]

        assert run(command, place).returncode == 0


def test_every_deep_test_runs_in_some_project() -> None:
    cells = [*ON_SQLITE.values(), *ON_POSTGRESQL.values()]

    run = {file for answers in cells for file in files(answers)}
    assert run == {it.relative_to(SOURCE).as_posix() for it in SOURCE.rglob("test_*")}


def test_needs_name_files_that_exist() -> None:
    named = [
        file
        for values in NEEDS.values()
        for needing in values.values()
        for file in needing
    ]

    assert [file for file in named if not (SOURCE / file).exists()] == []


def own_tests(project: Path) -> dict[str, str]:
    """Read the tests of a project that are not gates of its standard."""
    found = {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in (project / "tests").rglob("*.py")
    }
    gates = ("tests/standards/", "tests/unit/upkeep/")
    return {name: text for name, text in found.items() if not name.startswith(gates)}


def functions(text: str) -> int:
    """Count the test functions of a file."""
    return len(re.findall(r"^(?:async )?def test_", text, re.MULTILINE))


def test_suite_of_a_project_stays_small_and_about_its_domain(render: Project) -> None:
    tests = own_tests(render())
    counts = {name: functions(text) for name, text in tests.items()}
    infrastructure = sum(n for name, n in counts.items() if not DOMAIN.fullmatch(name))

    assert len(tests) <= 46
    assert sum(len(text.splitlines()) for text in tests.values()) <= 3720
    assert infrastructure <= sum(counts.values()) / 3
