"""The table of faults and the tests of faults say the same."""

import ast
import re

import pytest

from extensions.questions import ROOT

TABLE = ROOT / "docs" / "faults.md"
SUITES = ("faults", "queues", "writes", "endings")


def named(text: str) -> set[str]:
    """Read which tests the rows of the table name."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}


def written() -> set[str]:
    """Read which tests of faults there are."""
    texts = [(ROOT / f"tests/test_{suite}.py").read_text("utf-8") for suite in SUITES]
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


def test_every_fault_of_the_table_is_shown_by_a_test_that_exists() -> None:
    text = TABLE.read_text(encoding="utf-8")

    assert unproved(text) == []
    assert named(text) == written()


@pytest.mark.parametrize("row", ["| a storm | it sinks | somebody |", "| a storm | |"])
def test_a_fault_that_nothing_shows_is_found(row: str) -> None:
    assert unproved(f"# Faults\n\n{row}\n") == [row]
