"""docs/asvs.md names tests that exist, and counts its rows."""

import re
from collections import Counter

from extensions.questions import ROOT
from tests.service.test_fault_table import named, written

PAGE = ROOT / "docs" / "asvs.md"
FOLDERS = ("template/tests", "tests/data/project_tests", "tests/service")
ROW = re.compile(r"^\| ([234]\.\d+\.\d+) \| [^|]+ \| ([^|]+) \|", re.MULTILINE)
SUMMARY = re.compile(
    r"Of (\d+) requirements (\d+) are held, (\d+) are held with an answer or a setting,"
    r" (\d+) are not held, (\d+) are not ours, and (\d+) do not apply\."
)
STATUSES = ("held", "depends", "not held", "not ours", "does not apply")


def unknown_tests(text: str) -> set[str]:
    """Return the tests that the page names and that do not exist."""
    files = (file for it in FOLDERS for file in (ROOT / it).rglob("test_*.py*"))
    return named(text) - written(files)


def test_every_test_on_the_page_exists() -> None:
    assert unknown_tests(PAGE.read_text(encoding="utf-8")) == set()


def test_unknown_test_is_found() -> None:
    row = "| 2.1.1 | a matter | held | by | `test_of_nothing` |"

    assert unknown_tests(row) == {"test_of_nothing"}


def test_summary_counts_the_rows() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = ROW.findall(text)
    found = Counter(re.sub(r"^held with.+", "depends", status) for _, status in rows)

    summary = SUMMARY.search(" ".join(text.split()))
    assert summary
    assert [int(it) for it in summary.groups()] == [
        len({number for number, _ in rows}),
        *(found.pop(status) for status in STATUSES),
    ]
    assert not found
