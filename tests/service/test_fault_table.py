"""docs/faults.md names every fault test, and every row names its test."""

import ast
import re

import pytest

from extensions.questions import ROOT

TABLE = ROOT / "docs" / "faults.md"
SUITES = ("faults", "queues", "writes", "endings", "requests")


def named(text: str) -> set[str]:
    """Read which tests the rows of the table name."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}


def written() -> set[str]:
    """Read which tests of faults there are."""
    texts = [
        (ROOT / f"tests/service/test_{suite}.py").read_text("utf-8") for suite in SUITES
    ]
    return {
        node.name
        for text in texts
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def unproved(text: str) -> list[str]:
    """Give the rows that end without the name of a test."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [
        row
        for row in rows
        if not re.search(r"\| `test_\w+` \|$", row) and "| shown by |" not in row
    ]


def test_every_row_of_fault_table_names_existing_test() -> None:
    text = TABLE.read_text(encoding="utf-8")

    assert unproved(text) == []
    assert named(text) == written()


@pytest.mark.parametrize("row", ["| a storm | it sinks | somebody |", "| a storm | |"])
def test_row_without_test_is_found(row: str) -> None:
    assert unproved(f"# Faults\n\n{row}\n") == [row]
