"""Refuses to begin an update that could not be undone."""

from upkeep import answers, git, update_state
from upkeep.answers import Origin
from upkeep.git import RefusedError


def check_repository() -> None:
    """Refuse a project without git, or without a commit."""
    inside = git.attempt("rev-parse", "--is-inside-work-tree")
    if inside.stdout.strip() != b"true":
        raise RefusedError(
            "without git there is no way back: git init, git add --all, git commit"
        )
    if git.attempt("rev-parse", "--verify", "HEAD").returncode:
        raise RefusedError("nothing is committed yet: git add --all, git commit")


def origin() -> Origin:
    """Return the answers of a project that is ready. Raises RefusedError."""
    if git.dirty() and (unfinished := under_way()):
        raise RefusedError(unfinished)
    # Before the check for uncommitted work: wrong answers are not to be committed.
    found = answers.read()
    check_committed()
    return found


def under_way() -> str:
    """Return how to end an update that has begun, or nothing if there is none."""
    last = update_state.read()
    if last is None or last.stage == "finished":
        return ""
    if last.stage == "undoing":
        return "an update is half undone here: make update ARGS=--undo"
    return "an update has begun here: make update ARGS=--resume, or ARGS=--undo"


def check_committed() -> None:
    """Refuse a project in which an update would be mixed up with other work."""
    if git.dirty():
        undo = " (the last update: make update ARGS=--undo)"
        known = undo if update_state.read() else ""
        raise RefusedError(f"commit or stash your changes first{known}")
    if git.attempt("symbolic-ref", "--quiet", "HEAD").returncode:
        raise RefusedError(
            "HEAD is detached, so what you commit would belong to no branch:"
            " git switch --create NAME"
        )
    if git.attempt("ls-files", "--error-unmatch", "--", answers.NAME).returncode:
        raise RefusedError(f"{answers.NAME} is not in git: git add -f {answers.NAME}")
