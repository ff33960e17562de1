"""docs/faults.md names every fault test, and every row names its test."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from extensions.questions import ROOT

TABLE = ROOT / "docs" / "faults.md"
SUITES = (
    "faults",
    "queues",
    "logins",
    "requests",
    "writes",
    "endings",
    "pooler",
    "jobs",
    "security",
)
TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
# Some of their tests are in the table.
OTHERS = (
    "delivery/test_merges.py",
    "fleet/test_adopt_standard.py",
    "fleet/test_fleet_interruption.py",
    "fleet/test_fleet_truth.py",
    "standard/test_contract.py",
    "standard/test_migration_gates.py",
    "standard/test_openapi.py",
    "updates/test_git_settings.py",
    "updates/test_upkeep.py",
)


def named(text: str) -> set[str]:
    """Return the tests that the rows of the table name."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}


def written(files: Iterable[Path]) -> set[str]:
    """Read which tests there are in files."""
    return {name for file in files for name in TEST.findall(file.read_text("utf-8"))}


def unproved(text: str) -> list[str]:
    """Return the rows that do not name a test."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [
        row
        for row in rows
        if not re.search(r"\| `test_\w+` \|$", row) and "| shown by |" not in row
    ]


def test_every_row_of_fault_table_names_existing_test() -> None:
    text = TABLE.read_text(encoding="utf-8")

    faults = written(ROOT / f"tests/service/test_{suite}.py" for suite in SUITES)
    deep = written((ROOT / "tests/data/project_tests").rglob("test_*.py"))
    own = written((ROOT / "template/tests/integration").glob("test_*.py"))
    others = deep | own | written(ROOT / "tests" / name for name in OTHERS)

    assert unproved(text) == []
    assert faults <= named(text) <= faults | others


@pytest.mark.parametrize("row", ["| a storm | it sinks | no test |", "| a storm | |"])
def test_row_without_test_is_found(row: str) -> None:
    assert unproved(f"# Faults\n\n{row}\n") == [row]
