"""The update tools find every conflict that a merge leaves, and nothing else."""

from pathlib import Path

import pytest

from tests.support.commands import commit, run, succeed
from upkeep.conflicts import find, lost
from upkeep.errors import RefusedError

MARKS = "<<<<<<< before updating\nmine\n=======\nyours\n>>>>>>> after updating\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a project in a subfolder of a repository, with a space in a file name."""
    project = tmp_path / "repository" / "shop"
    project.mkdir(parents=True)
    (project / "ä b").write_text("1\n", encoding="utf-8")
    succeed(["git", "init", "--quiet"], project.parent)
    commit(project)
    monkeypatch.chdir(project)
    return project


@pytest.mark.usefixtures("project")
def test_project_without_conflicts_has_none() -> None:
    assert not find()


def test_unmerged_file_is_a_conflict(project: Path) -> None:
    for branch in ("mine", "yours"):
        succeed(["git", "switch", "--quiet", "--create", branch, "main"], project)
        (project / "ä b").write_text(branch, encoding="utf-8")
        commit(project)
    assert run(["git", "merge", "mine"], project).returncode == 1
    (project / "ä b").write_text("no marks\n", encoding="utf-8")

    assert find().unmerged == ["ä b"]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("new", MARKS, ["new"]),
        ("a.rej", "@@\n", ["a.rej"]),
        (".venv/a.rej", "@@\n", []),
        ("page.rst", "Heading\n=======\n", []),
    ],
)
def test_markers_and_reject_files_are_conflicts_and_a_heading_is_none(
    name: str, text: str, found: list[str], project: Path
) -> None:
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text(text, encoding="utf-8")
    conflicts = find()

    assert conflicts.unmerged + conflicts.rejects == found


@pytest.mark.parametrize(
    ("rendered", "found"), [(b"1\n", []), (b"0\n", ["ä b"]), (None, ["ä b"])]
)
def test_removed_file_is_lost_only_if_it_was_edited(
    rendered: bytes | None, found: list[str], project: Path
) -> None:
    (project / "ä b").unlink()

    assert lost({} if rendered is None else {"ä b": rendered}, {}, {}) == found


# The old release, the project, the new release, the merged file: is an edit lost?
EDITS: dict[str, tuple[bytes | None, bytes, bytes, bytes, bool]] = {
    "not edited": (b"1\n2\n3\n", b"1\n2\n3\n", b"1\n2\n4\n", b"1\n2\n4\n", False),
    "replaced": (b"1\n2\n3\n", b"0\n2\n3\n", b"1\n2\n4\n", b"1\n2\n4\n", True),
    "merged": (b"1\n2\n3\n", b"0\n2\n3\n", b"1\n2\n4\n", b"0\n2\n4\n", False),
    "put back": (b"1\n2\n", b"0\n2\n", b"1\n2\n", b"1\n2\n", True),
    "brought as well": (b"1\n", b"0\n", b"0\n", b"0\n", False),
    "brought and more": (b"1\n2\n3\n", b"0\n2\n3\n", b"0\n2\n4\n", b"0\n2\n4\n", False),
    "of the same name": (None, b"0\n", b"1\n", b"1\n", True),
    "not a text": (b"\0\1", b"\0\2", b"\0\3", b"\0\3", True),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_is_lost_if_the_file_is_that_of_the_release(
    case: str, project: Path
) -> None:
    old, ours, new, merged, is_lost = EDITS[case]
    (project / "a").write_bytes(ours)
    commit(project)
    (project / "a").write_bytes(merged)
    before = {} if old is None else {"a": old}

    assert lost(before, {"a": new}, {}) == ["a"] * is_lost


def test_an_edit_of_an_ignored_file_is_lost_as_well(project: Path) -> None:
    (project / ".gitignore").write_text("a\n", encoding="utf-8")
    commit(project)
    (project / "a").write_bytes(b"2\n")

    assert lost({"a": b"1\n"}, {"a": b"2\n"}, {"a": b"0\n"}) == ["a"]
    assert lost({"a": b"1\n"}, {"a": b"2\n"}, {"a": b"1\n"}) == []


def test_failure_of_git_is_not_reported_as_no_conflicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RefusedError, match="git diff"):
        find()
