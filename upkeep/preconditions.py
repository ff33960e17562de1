"""Refuses to begin an update that could not be undone."""

from upkeep import answers, conflicts, git, update_state
from upkeep.answers import Origin
from upkeep.errors import RefusedError
from upkeep.update_state import ending


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
        return f"an update is half undone here: {ending('--undo')}"
    return f"an update has begun here: {ending('--resume')}, or {ending('--undo')}"


def check_visible(names: set[str]) -> None:
    """Refuse files of the template whose edits git was told not to show."""
    listed = [one.split(" ", 1) for one in git.names("ls-files", "-v", "-z")]
    hidden = [name for tag, name in listed if tag == "S" or tag.islower()]
    if found := [name for name in hidden if name in names]:
        raise RefusedError(
            f"git does not show edits of {', '.join(found[:9])}: git sparse-checkout"
            " disable, or git update-index --no-skip-worktree --no-assume-unchanged"
            f" {' '.join(found[:9])}"
        )


def check_committed() -> None:
    """Refuse a project in which an update would be mixed up with other work."""
    if git.dirty():
        undo = f" (the last update: {ending('--undo')})"
        known = undo if update_state.read() else ""
        raise RefusedError(f"commit or stash your changes first{known}")
    if rejects := conflicts.find().rejects:
        raise RefusedError(
            f"another merge has left {' '.join(rejects)}: delete it first"
        )
    if git.attempt("symbolic-ref", "--quiet", "HEAD").returncode:
        raise RefusedError(
            "HEAD is detached, so what you commit would belong to no branch:"
            " git switch --create NAME"
        )
    if git.attempt("ls-files", "--error-unmatch", "--", answers.NAME).returncode:
        raise RefusedError(f"{answers.NAME} is not in git: git add -f {answers.NAME}")
