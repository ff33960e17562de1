"""Finds what an update left to a person: its exit code does not tell."""

from dataclasses import dataclass, field

from upkeep import git
from upkeep.baseline import Tree
from upkeep.errors import RefusedError
from upkeep.git import ROOT

MARKS = r"^(<<<<<<< before updating|>>>>>>> after updating)"


@dataclass(frozen=True)
class Conflicts:
    """Files that a person has to look at.

    Attributes:
        unmerged: Files in which both versions stand.
        rejects: `*.rej` files, with changes that could not be applied.
        lost: Files that people had edited, and that are deleted or as the release
            renders them.
    """

    unmerged: list[str] = field(default_factory=list[str])
    rejects: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.unmerged or self.rejects or self.lost)


def find() -> Conflicts:
    """Find conflicts and rejected changes. Raises RefusedError outside of git."""
    unmerged = git.names("diff", "--name-only", "--relative", "--diff-filter=U", "-z")
    # A folder without a tracked file, such as .venv, is one name.
    others = git.names("ls-files", "--others", "--directory", "-z")
    return Conflicts(
        unmerged=sorted({*unmerged, *marked()}),
        rejects=[name for name in others if name.endswith(".rej")],
    )


def marked() -> list[str]:
    """Return the files with conflict markers of Copier."""
    grep = ("grep", "--untracked", "-I", "--files-with-matches", "-z", "-E", MARKS)
    found = git.attempt(*grep, "--", ".")
    # git grep ends with 1 when it finds nothing.
    if found.returncode > 1:
        raise RefusedError(f"git grep: {found.stderr.decode().strip()}")
    return git.split(found.stdout)


def lost(before: Tree, after: Tree, edited: Tree) -> list[str]:
    """Return the files whose edits an update has lost.

    Args:
        before: The files as the old release rendered them.
        after: The files as the new release renders them.
        edited: The files that are not in git, as they were before the update.
    """
    own = {name: git.content("show", f"HEAD:./{name}") for name in git.changed("DMT")}
    return sorted(
        name
        for name, ours in (own | edited).items()
        if ours != before.get(name)
        and is_lost(name, ours, before.get(name, b""), after.get(name))
    )


def is_lost(name: str, ours: bytes, old: bytes, new: bytes | None) -> bool:
    """Check whether a file is gone or the new one, though it had other lines.

    A release may bring an edit that people have made already: then a merge gives the
    new file, too.
    """
    if not (file := ROOT / name).is_file():
        return True
    if new is None or file.read_bytes() != new:
        return False
    return git.merge_file(ours, old, new).stdout != new
