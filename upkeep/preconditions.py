"""Refuses to begin where an update could take something away for good."""

from upkeep import answers, git, update_state
from upkeep.answers import Origin
from upkeep.git import RefusedError


def usable() -> None:
    """Refuse a place from which there would be no way back."""
    inside = git.attempt("rev-parse", "--is-inside-work-tree")
    if inside.stdout.strip() != b"true":
        raise RefusedError(
            "without git there is no way back: git init, git add --all, git commit"
        )
    if git.attempt("rev-parse", "--verify", "HEAD").returncode:
        raise RefusedError("nothing is committed yet: git add --all, git commit")


def origin() -> Origin:
    """Read the answers of a project that is preconditions for an update."""
    if git.dirty() and (way := under_way()):
        raise RefusedError(way)
    # A wrong file of answers is not to be committed: it is named first.
    found = answers.read()
    settled()
    return found


def under_way() -> str:
    """Say how an update that has begun comes to its end; nothing where none has."""
    last = update_state.read()
    if last is None or last.stage == "finished":
        return ""
    if last.stage == "undoing":
        return "an update is half undone here: make update ARGS=--undo"
    return "an update has begun here: make update ARGS=--resume, or ARGS=--undo"


def settled() -> None:
    """Refuse a project in which an update would be mixed up with other work."""
    if git.dirty():
        undo = " (the last update: make update ARGS=--undo)" if update_state.read() else ""
        raise RefusedError(f"commit or stash your changes first{undo}")
    if git.attempt("symbolic-ref", "--quiet", "HEAD").returncode:
        raise RefusedError(
            "HEAD is detached, so what you commit would belong to no branch:"
            " git switch --create NAME"
        )
    if git.attempt("ls-files", "--error-unmatch", "--", answers.NAME).returncode:
        raise RefusedError(f"{answers.NAME} is not in git: git add -f {answers.NAME}")
