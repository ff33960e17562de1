"""Requirements and other versions are merged by their meaning.

The cases are in `tests/data/requirement_merges.yml`.
"""

import re
import tomllib

import pytest
import yaml

from extensions.questions import ROOT
from upkeep import pins, requirement_lists, requirements, specifiers

CASES = yaml.safe_load((ROOT / "tests/data/requirement_merges.yml").read_bytes())
PYPROJECT = """\
[project]
name = "service"
authors = [
    {{ name = "Ada" }},
]
dependencies = [
{0}]

[project.optional-dependencies]
docs = [
    "mkdocs>=1.6",
]

[dependency-groups]
# The tools of the project.
"dev" = [
{0}]

[[tool.mypy.overrides]]
module = [
    "boto3",
]
"""


def merged_lines(case: dict[str, str]) -> str:
    """Merge a case, and return the lines without indentation."""
    versions = [indented(case[it]).splitlines() for it in ("base", "ours", "theirs")]
    return "".join(f"{line.strip()}\n" for line in requirement_lists.merge(*versions))


def indented(lines: str) -> str:
    """Indent the lines as in pyproject.toml."""
    return "".join(f"    {line}\n" for line in lines.splitlines())


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_requirements_are_merged_in_every_list(case: dict[str, str]) -> None:
    base, ours, theirs, merged = (
        PYPROJECT.format(indented(case[name]))
        for name in ("base", "ours", "theirs", "merged")
    )

    assert requirements.align(base, ours, theirs) == (merged, merged, merged)
    assert tomllib.loads(merged)


def test_table_has_a_case_for_each_of_twenty_edits() -> None:
    assert len({case["case"] for case in CASES}) >= 20


@pytest.mark.parametrize(
    ("owner", "name", "fault", "found"),
    [
        # Versions are compared as strings.
        (
            specifiers.Bounds,
            "floor",
            property(lambda bounds: bounds.version),
            "both raise, versions are no strings",
        ),
        # Extras that one side removed come back.
        (
            specifiers,
            "united",
            lambda *sides: frozenset().union(*sides),
            "an extra is removed by the project, another added by the release",
        ),
        # Additions of the project are appended to the list.
        (
            requirement_lists,
            "in_order",
            lambda merged, ours, theirs: [*merged.values()],
            "the project added between, as `uv add` does in a sorted list",
        ),
        # A list item is never removed.
        (
            requirement_lists,
            "same",
            lambda one, other: False,
            "the release removed",
        ),
    ],
)
def test_fault_of_the_merge_fails_the_table(
    owner: object,
    name: str,
    fault: object,
    found: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owner, name, fault)
    failed = [case["case"] for case in CASES if merged_lines(case) != case["merged"]]

    assert found in failed


@pytest.mark.parametrize(
    "line", ['    "click>=8.3", "rich>=15",', '    "click>=",', "    click,"]
)
def test_unreadable_list_is_merged_line_by_line(line: str) -> None:
    base = PYPROJECT.format('    "black==26.10.1",\n')
    ours = PYPROJECT.format(f'    "black==26.10.1",\n{line}\n')
    theirs = PYPROJECT.format('    "black==26.11.0",\n')

    assert requirements.align(base, ours, theirs) == (base, ours, theirs)


def test_lists_that_only_one_side_has_stay_as_they_are() -> None:
    base = PYPROJECT.format('    "black==26.10.1",\n')
    ours = base.replace("docs = [", "pages = [")
    theirs = base.replace("docs = [", "site = [")

    assert requirements.align(base, ours, theirs) == (base, ours, theirs)


def test_only_requirements_are_taken_from_another_pyproject() -> None:
    project = PYPROJECT.format('    "black==26.11.0",\n').replace("boto3", "moto")
    release = PYPROJECT.format('    "black==26.10.1",\n')

    assert requirements.with_lists_of(release, project) == project.replace(
        "moto", "boto3"
    )


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (
            "uses: actions/checkout@3d3c42e # v7.0.1",
            "uses: actions/checkout@aaaaaaa # v7.0.9",
            "uses: actions/checkout@bbbbbbb # v7.0.10",
            "uses: actions/checkout@bbbbbbb # v7.0.10",
        ),
        (
            "uses: actions/checkout@v7",
            "uses: actions/checkout@v9",
            "uses: actions/checkout@v8",
            "uses: actions/checkout@v9",
        ),
        (
            "FROM python:3.13-slim AS build",
            "FROM python:3.13.5-slim@sha256:00 AS build",
            "FROM python:3.13-slim AS builder",
            "FROM python:3.13.5-slim@sha256:00 AS builder",
        ),
        (
            "image: postgres:17-alpine",
            "image: postgres:18-alpine",
            "image: postgres:18.1-alpine",
            "image: postgres:18.1-alpine",
        ),
        (
            "pipx install poetry==2.5.1",
            "pipx install poetry==2.10.0",
            "pipx install poetry==2.6.0 --quiet",
            "pipx install poetry==2.10.0 --quiet",
        ),
        (
            "uses: actions/checkout@3d3c42e",
            "uses: actions/checkout@aaaaaaa",
            "uses: actions/checkout@bbbbbbb",
            "uses: actions/checkout@aaaaaaa",
        ),
    ],
)
def test_higher_version_of_a_pin_wins(
    base: str, ours: str, theirs: str, merged: str
) -> None:
    aligned = pins.align(base, ours, theirs)

    assert aligned.theirs == merged
    assert len({re.sub(" AS .*| --quiet", "", text) for text in aligned}) == 1


def test_pin_with_two_versions_in_a_file_is_left_as_it_is() -> None:
    base = "image: postgres:17-alpine\nimage: postgres:17-alpine\n"
    ours = "image: postgres:17-alpine\nimage: postgres:18-alpine\n"
    theirs = base.replace("17", "19")

    assert pins.align(base, ours, theirs) == (base, ours, theirs)
