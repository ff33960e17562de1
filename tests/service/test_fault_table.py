"""docs/faults.md names every fault test, and every row names its test."""

import ast
import re

import pytest

from extensions.questions import ROOT

TABLE = ROOT / "docs" / "faults.md"
SUITES = ("faults", "queues", "logins", "requests", "writes", "endings", "pooler")
SUITE = "service/test_{}.py"
# Some of their tests are in the table.
UPDATES = ("updates/test_git_settings.py", "updates/test_upkeep.py")


def named(text: str) -> set[str]:
    """Return the tests that the rows of the table name."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}


def written(*files: str) -> set[str]:
    """Read which tests there are in some files of tests/."""
    return {
        node.name
        for file in files
        for node in ast.parse((ROOT / "tests" / file).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


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

    assert unproved(text) == []
    assert named(text) - written(*UPDATES) == written(*map(SUITE.format, SUITES))


@pytest.mark.parametrize("row", ["| a storm | it sinks | no test |", "| a storm | |"])
def test_row_without_test_is_found(row: str) -> None:
    assert unproved(f"# Faults\n\n{row}\n") == [row]
