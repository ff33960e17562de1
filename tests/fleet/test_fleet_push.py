"""The branch of an update is pushed, and never replaces commits of people."""

from pathlib import Path

import pytest

from extensions.commands import Commands
from extensions.fleet import push
from extensions.fleet.plan import BRANCH, parse
from extensions.fleet.result import Result
from tests.support.commands import append, commit, succeed


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Return a command runner with a log."""
    return Commands(tmp_path / "log.txt", 60)


@pytest.fixture
def clone(tmp_path: Path, commands: Commands) -> Path:
    """Create a repository, and a clone of it with an update on a branch."""
    succeed(["git", "init", "--quiet", "--bare", "origin.git"], tmp_path)
    succeed(["git", "clone", "--quiet", "origin.git", "clone"], tmp_path)
    place = tmp_path / "clone"
    (place / "a").write_text("1\n", encoding="utf-8")
    commit(place)
    succeed(["git", "push", "--quiet", "origin", "HEAD:main"], place)
    update_branch(place, "2\n", commands)
    return place


def update_branch(clone: Path, text: str, commands: Commands) -> None:
    """Create the branch of the update again, as each visit does."""
    succeed(["git", "switch", "--quiet", "-C", BRANCH, "origin/main"], clone)
    (clone / "a").write_text(text, encoding="utf-8")
    succeed(["git", "add", "--all"], clone)
    message = push.message(clone, Result("x", "x"), commands)
    succeed(["git", "commit", "--quiet", "-m", message], clone)


def publish(clone: Path, commands: Commands, *options: str) -> Result:
    """Push the branch."""
    result = Result("x", "x", state="updated", branch=BRANCH, gates="pass")
    push.publish(clone, parse(["list", "--push", *options]), result, commands)
    return result


def test_command_of_the_user_runs_after_a_push(clone: Path, commands: Commands) -> None:
    result = publish(clone, commands, "--propose=echo https://a/pull/1")

    assert (result.pushed, result.link) == (True, "https://a/pull/1")
    assert succeed(["git", "ls-remote", "origin", BRANCH], clone)


def test_branch_of_an_earlier_run_is_replaced(clone: Path, commands: Commands) -> None:
    publish(clone, commands)
    update_branch(clone, "3\n", commands)
    publish(clone, commands)
    succeed(["git", "fetch", "--quiet", "origin", BRANCH], clone)

    assert succeed(["git", "show", "FETCH_HEAD:a"], clone) == "3\n"


@pytest.mark.parametrize(
    "how",
    [["--message=Theirs"], ["--amend", "--no-edit"]],
    ids=["another commit", "amended"],
)
def test_branch_with_commits_of_people_is_never_replaced(
    how: list[str], clone: Path, commands: Commands
) -> None:
    publish(clone, commands)
    append(clone / "a", "theirs\n")
    succeed(["git", "commit", "--quiet", "--all", *how], clone)
    succeed(["git", "push", "--quiet", "--force", "origin", BRANCH], clone)
    update_branch(clone, "3\n", commands)

    refused = publish(clone, commands)

    assert not refused.pushed and "commits of others" in refused.unpushed


def test_same_update_is_not_pushed_again(
    clone: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2030-01-31T00:00:00Z")
    publish(clone, commands)
    before = succeed(["git", "ls-remote", "origin", BRANCH], clone)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2030-02-01T00:00:00Z")
    update_branch(clone, "2\n", commands)

    assert publish(clone, commands).pushed
    assert succeed(["git", "ls-remote", "origin", BRANCH], clone) == before
