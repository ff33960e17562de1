"""The edits of users in tests are valid, and cover every marker."""

from pathlib import Path

import pytest

from tests.support.commands import succeed
from tests.support.edits import EDITS, dependencies, edits_of
from tests.support.edits.edit import VanishedError, below, instead
from tests.support.fixture_types import Copy
from tests.support.release_history import NEXT, ReleaseHistory

ADDED = {
    "uv": [
        ["uv", "add", "--frozen", "click>=8.3"],
        ["uv", "add", "--frozen", "--dev", "freezegun>=1.5"],
    ],
    "poetry": [
        ["poetry", "add", "--lock", "click>=8.3,<9.0"],
        ["poetry", "add", "--lock", "--group=dev", "freezegun>=1.5,<2.0"],
    ],
}


@pytest.mark.parametrize(
    "manager", ["uv", pytest.param("poetry", marks=pytest.mark.nightly)]
)
def test_tool_adds_a_dependency_as_the_edit_does(
    manager: str, copy: Copy, tmp_path: Path
) -> None:
    answers = {"package_manager": manager}
    tool, edit = copy(tmp_path / "tool", answers), copy(tmp_path / "edit", answers)
    for command in ADDED[manager]:
        succeed(command, tool)
    for one in dependencies.EDITS[manager]:
        one.apply(edit)

    # In a list that is sorted, uv puts the new line between the others.
    written, expected = (
        (it / "pyproject.toml").read_text(encoding="utf-8") for it in (tool, edit)
    )
    assert sorted(written.splitlines()) == sorted(expected.splitlines())


def test_every_edit_is_made_in_some_cell(release_history: ReleaseHistory) -> None:
    projects = [
        release_history.rendered(NEXT, answers) for answers in ({}, {"ci": "gitlab"})
    ]
    made = [edit for project in projects for edit in edits_of(project)]

    assert [it for edits in EDITS.values() for it in edits if it not in made] == []


@pytest.mark.parametrize("text", ["", "# here\n# here\n"])
def test_edit_fails_unless_its_place_occurs_once(text: str, tmp_path: Path) -> None:
    with pytest.raises(VanishedError):
        below("# here", "mine\n")(text)
    with pytest.raises(VanishedError):
        instead("# here\n", "mine\n")(text)
