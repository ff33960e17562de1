"""Finds every trace that an update leaves for a person, and nothing else."""

from pathlib import Path

import pytest

from extensions.commands import Commands
from extensions.conflicts import conflicts, lost
from extensions.refusals import RefusalError
from tests.support.commands import commit, run, succeed

MARKS = "<<<<<<< before updating\nmine\n=======\nyours\n>>>>>>> after updating\n"


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Give what runs commands, with a log of the test's own."""
    return Commands(tmp_path / "log.txt", 60)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project in a subfolder of a repository; its file has a difficult name."""
    project = tmp_path / "repository" / "shop"
    project.mkdir(parents=True)
    (project / "ä b").write_text("1\n", encoding="utf-8")
    succeed(["git", "init", "--quiet"], project.parent)
    commit(project)
    return project


def test_a_project_without_conflicts_has_none(
    project: Path, commands: Commands
) -> None:
    assert conflicts(project, commands) == []


def test_a_file_that_git_has_not_merged_is_a_conflict(
    project: Path, commands: Commands
) -> None:
    for branch in ("mine", "yours"):
        succeed(["git", "switch", "--quiet", "--create", branch, "main"], project)
        (project / "ä b").write_text(branch, encoding="utf-8")
        commit(project)
    assert run(["git", "merge", "mine"], project).returncode == 1
    (project / "ä b").write_text("no marks\n", encoding="utf-8")

    assert conflicts(project, commands) == ["ä b"]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("new", MARKS, ["new"]),
        ("a.rej", "@@\n", ["a.rej"]),
        ("page.rst", "Heading\n=======\n", []),
    ],
)
def test_marks_and_rejected_pieces_are_conflicts_and_a_heading_is_none(
    name: str, text: str, found: list[str], project: Path, commands: Commands
) -> None:
    (project / name).write_text(text, encoding="utf-8")

    assert conflicts(project, commands) == found


@pytest.mark.parametrize(
    ("written", "found"), [("1\n", []), ("0\n", ["ä b"]), (None, ["ä b"])]
)
def test_a_removed_file_is_lost_only_if_it_was_edited(
    written: str | None, found: list[str], project: Path, commands: Commands
) -> None:
    pristine = project.parent.parent / "pristine"
    pristine.mkdir()
    if written is not None:
        (pristine / "ä b").write_text(written, encoding="utf-8")
    (project / "ä b").unlink()

    assert lost(project, pristine, commands) == found


def test_where_git_fails_nobody_hears_that_there_are_no_conflicts(
    tmp_path: Path, commands: Commands
) -> None:
    with pytest.raises(RefusalError, match="git repository"):
        conflicts(tmp_path, commands)
