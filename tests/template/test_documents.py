"""Documents name answers, presets and tests that exist."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from extensions.bench import report
from extensions.bench.load import Figures
from extensions.questions import ROOT, questions
from extensions.rendering import presets
from tests.support.fixture_types import Project
from tests.support.matrix import CELLS, NOTHING

PAGE = "docs/security.md"
# Risks of projects with users.
ABOUT_CALLERS = {1, 2, 5, 6}


def risks(page: str) -> set[int]:
    """Return the numbers of the risks that have a row."""
    return {int(number) for number in re.findall(r"^\| API(\d+) ", page, re.M)}


def missing(project: Path, page: str) -> list[str]:
    """Return the named tests that do not exist, and the rows without a test."""
    rows = re.findall(r"^\| API.*", page, re.M)
    named = re.findall(r"`(\S+)::(\w+)`", page)
    return [row for row in rows if "::" not in row] + [
        f"{file}::{name}"
        for file, name in named
        if not (project / file).exists()
        or f"def {name}(" not in (project / file).read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("cell", CELLS)
def test_every_row_names_tests_that_the_project_has(cell: str, render: Project) -> None:
    project = render(CELLS[cell])

    assert missing(project, (project / PAGE).read_text(encoding="utf-8")) == []


def test_every_risk_has_a_row(render: Project) -> None:
    whole = (render() / PAGE).read_text(encoding="utf-8")
    least = (render(NOTHING) / PAGE).read_text(encoding="utf-8")

    assert risks(whole) == {*range(1, 11)}
    assert risks(least) == risks(whole) - ABOUT_CALLERS


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("| API1 x | y | `tests/nowhere.py::test_x` |", "tests/nowhere.py::test_x"),
        ("| API1 x | y | `tests/conftest.py::test_x` |", "tests/conftest.py::test_x"),
        ("| API1 x | y | nothing |", "| API1 x | y | nothing |"),
    ],
)
def test_row_without_an_existing_test_is_found(
    row: str, found: str, render: Project
) -> None:
    assert missing(render(), row) == [found]


def readme() -> str:
    """Read the README of the template."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def rows() -> dict[str, tuple[str, str]]:
    """Map each answer in the README to its explanation and its default."""
    found = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", readme(), re.M)
    return {name: (what, default) for name, what, default in found}


def test_readme_explains_every_answer_in_the_order_of_asking() -> None:
    assert [*rows()] == [name for name, one in questions().items() if one.asked]


@pytest.mark.parametrize("name", [n for n, one in questions().items() if one.choices])
def test_readme_names_every_choice_and_the_default(name: str) -> None:
    what, default = rows()[name]

    assert {*questions()[name].choices} <= {*re.findall("`([^`]+)`", what)}
    assert default == f"`{questions()[name].default}`"


def test_readme_names_every_preset() -> None:
    named = re.findall(r"^\| `presets/([a-z-]+)\.yml`", readme(), re.M)

    assert {*named} == {*presets()}


def speeds(root: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the measured shares, and those in the README."""
    names = (report.PAGE, report.FRONT)
    page, front = ((root / name).read_text(encoding="utf-8") for name in names)
    measured = re.findall(r"^\| ([^|]+) \| \d+ \| \d+ \| \*\*([\d.]+)\*\*", page, re.M)
    return measured, re.findall(r"^\| ([^|]+) \| ([\d.]+) \|$", front, re.M)


def test_readme_shows_the_measured_speed() -> None:
    measured, shown = speeds(ROOT)

    assert len(measured) == len(report.NAMES)
    assert shown == measured


def test_new_measurements_are_written_to_every_document(tmp_path: Path) -> None:
    picture = tmp_path / report.PICTURE
    picture.parent.mkdir(parents=True)
    for name in (report.PAGE, report.FRONT):
        shutil.copy(ROOT / name, tmp_path / name)
    reference = Figures(cpu=100, rate=1000, p50=10, p99=20)
    sides = (replace(reference, share=0.5), reference)
    found = dict.fromkeys(report.NAMES, sides)

    assert report.write(found, [], "A machine", tmp_path) == 1
    assert speeds(tmp_path) == ([(name, "0.50") for name in report.NAMES.values()],) * 2
    assert picture.exists()


def test_page_of_pictures_shows_every_picture() -> None:
    folder = ROOT / "docs/pictures"
    page = (folder / "index.html").read_text(encoding="utf-8")

    assert {*re.findall(r'src="([^"]+)"', page)} == {
        path.name for path in folder.iterdir() if path.suffix == ".svg"
    }
