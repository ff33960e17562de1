"""Every rule of the standard is a gate, and every gate is proved."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.rendering import Answers
from tests.house.commands import Completed, succeed
from tests.house.kinds import Copy, Project, Run
from tests.house.shelf import Shelf, key
from tests.house.violations import VIOLATIONS, mend, rule_of, violate

# Their gates run all tests, and that twice.
SLOW = {"TEST-05", "TEST-06"}
# What an alternative breaks needs a project of its own.
NIGHTLY = {name for name in VIOLATIONS if "answers" in VIOLATIONS[name]} | SLOW
# What was green in which project, as it was committed.
GREEN: set[tuple[Path, str]] = set()


def data(project: Path, name: str) -> Any:
    """Read one file of a project's standard."""
    file = project / "standards" / name
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def rules(project: Path) -> dict[str, dict[str, str]]:
    """Read a project's rules by their ids."""
    return {rule["id"]: rule for rule in data(project, "catalogue.yml")}


@pytest.fixture(scope="module")
def broken(
    copy: Copy, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Answers], Path]:
    """Give a committed project in which one rule after the other is broken."""
    made: dict[str, Path] = {}

    def broken(answers: Answers) -> Path:
        if (name := key(answers)) not in made:
            place = tmp_path_factory.mktemp("standard") / "project"
            made[name] = shelf.adopt(copy(place, answers))
        return made[name]

    return broken


def ask(project: Path, gate: str, run: Run) -> Completed:
    """Run a gate, as the report does."""
    command = data(project, "gates.yml")[gate]["command"]
    return run(["bash", "-c", command], project, {"COLUMNS": "200", "NO_COLOR": "1"})


def is_green(project: Path, gate: str, run: Run) -> bool:
    """Say whether a gate lets the project pass; the same files are judged once."""
    assert succeed(["git", "status", "--porcelain"], project) == ""
    if (project, gate) not in GREEN and ask(project, gate, run).returncode == 0:
        GREEN.add((project, gate))
    return (project, gate) in GREEN


def test_every_rule_has_a_violation_or_evidence(render: Project) -> None:
    catalogue = rules(render())
    gated = {name for name, rule in catalogue.items() if "gate" in rule}

    assert gated <= set(VIOLATIONS)
    assert {rule_of(name) for name in VIOLATIONS} <= set(catalogue)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.nightly] if name in NIGHTLY else [])
        for name in VIOLATIONS
    ],
)
def test_a_broken_rule_is_found_and_a_mended_one_is_not(
    name: str, broken: Callable[[Answers], Path], run: Run
) -> None:
    project = broken(VIOLATIONS[name].get("answers", {}))
    rule = rules(project)[rule_of(name)]
    violate(project, name)
    found = ask(project, rule["gate"], run)
    mend(project)

    assert found.returncode != 0
    assert re.search(rule["finding"], found.stdout + found.stderr, re.MULTILINE)
    assert is_green(project, rule["gate"], run)
