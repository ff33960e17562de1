"""Every rule of the standard is a gate, and every gate is proved."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support.commands import Completed, succeed
from tests.support.fixture_types import Copy, Project, Run
from tests.support.shared_cache import SharedCache, key
from tests.support.violations import VIOLATIONS, mend, rule_of, violate

# Blocks are comments, so the template file can be read as YAML, too.
TEMPLATES = {
    name: yaml.safe_load((ROOT / f"template/standards/{name}.yml.jinja").read_bytes())
    for name in ("catalogue", "gates")
}
# The first entry of a rule is that of the default answers.
GATE_OF = {
    rule["id"]: rule.get("gate", "") for rule in reversed(TEMPLATES["catalogue"])
}
STATIC = {name for name, gate in TEMPLATES["gates"].items() if "kind" not in gate}


def daily() -> Iterator[str]:
    """Yield the violations of a push: all of static gates, one of each other gate."""
    proved: set[str] = set()
    for name, violation in VIOLATIONS.items():
        gate = GATE_OF[rule_of(name)]
        # Alternatives need a project of their own, and coverage runs all tests.
        if "answers" not in violation and gate not in proved | {"coverage"}:
            yield name
            proved |= {gate} - STATIC


DAILY = set(daily())
# Gates that passed, by committed project.
GREEN: set[tuple[Path, str]] = set()


def data(project: Path, name: str) -> Any:
    """Read one file of a project's standard."""
    file = project / "standards" / name
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def rules(project: Path) -> dict[str, dict[str, str]]:
    """Map the ID of each rule to the rule, with the pattern of its findings."""
    gates, found = data(project, "gates.yml"), {}
    for rule in data(project, "catalogue.yml"):
        pattern = gates.get(rule.get("gate"), {}).get("finding", "")
        found[rule["id"]] = {"finding": pattern.replace("{id}", rule["id"])} | rule
    return found


@pytest.fixture(scope="module")
def broken(
    copy: Copy, shared_cache: SharedCache, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Answers], Path]:
    """Return a function that creates a committed project to break rules in."""
    made: dict[str, Path] = {}

    def broken(answers: Answers) -> Path:
        if (name := key(answers)) not in made:
            place = tmp_path_factory.mktemp("standard") / "project"
            made[name] = shared_cache.share_mypy_cache(
                shared_cache.adopt(copy(place, answers))
            )
        return made[name]

    return broken


def ask(project: Path, gate: str, run: Run) -> Completed:
    """Run a gate, as the report does."""
    command = data(project, "gates.yml")[gate]["command"]
    return run(["bash", "-c", command], project, {"COLUMNS": "200", "NO_COLOR": "1"})


def is_green(project: Path, gate: str, run: Run) -> bool:
    """Return whether a gate passes in an unchanged project, cached."""
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
        pytest.param(name, marks=[] if name in DAILY else [pytest.mark.nightly])
        for name in VIOLATIONS
    ],
)
def test_violation_is_found_and_its_correction_passes(
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
