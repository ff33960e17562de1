"""Every rule of the standard is a gate, and every gate is proved."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.questions import ROOT
from tests.house.commands import Completed, commit, succeed
from tests.house.kinds import Copy, Project, Run
from tests.house.shelf import Shelf
from tests.house.violations import VIOLATIONS, mend, violate

FOLDER = ROOT / "template" / "standards"
RULES: dict[str, dict[str, str]] = {
    rule["id"]: rule
    for rule in yaml.safe_load((FOLDER / "catalogue.yml").read_text(encoding="utf-8"))
}
GATED = [name for name, rule in RULES.items() if "gate" in rule]
# These run the tests twice: a minute each.
SLOW = {"coverage", "critical-paths"}


@pytest.fixture(scope="module")
def broken(
    copy: Copy, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give a committed project in which one rule after the other is broken."""
    return shelf.adopt(copy(tmp_path_factory.mktemp("standard") / "project"))


def gates(project: Path) -> dict[str, dict[str, str]]:
    """Read the gates of a project."""
    text = (project / "standards" / "gates.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def judge(project: Path, rule: str, run: Run) -> Completed:
    """Run the gate of a rule, as the report does."""
    command = gates(project)[RULES[rule]["gate"]]["command"]
    return run(["bash", "-c", command], project, {"COLUMNS": "200", "NO_COLOR": "1"})


def test_every_gated_rule_has_a_violation() -> None:
    assert set(VIOLATIONS) == set(GATED)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            rule,
            marks=[pytest.mark.nightly] if RULES[rule]["gate"] in SLOW else [],
        )
        for rule in GATED
    ],
)
def test_a_broken_rule_is_found_by_its_gate_and_mended_is_not(
    rule: str, broken: Path, run: Run
) -> None:
    violate(broken, rule)
    found = judge(broken, rule, run)
    mend(broken)

    assert found.returncode != 0
    assert re.search(RULES[rule]["finding"], found.stdout + found.stderr, re.MULTILINE)
    assert judge(broken, rule, run).returncode == 0
