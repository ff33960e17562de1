"""Finds what an update left to a person: its exit code does not tell."""

from dataclasses import dataclass, field

from upkeep import git
from upkeep.baseline import Tree

MARKS = r"^(<<<<<<< before updating|>>>>>>> after updating)"


@dataclass(frozen=True)
class Conflicts:
    """Files that a person has to look at.

    Attributes:
        unmerged: Files in which both versions stand.
        rejects: `*.rej` files, with changes that could not be applied.
        lost: Deleted files that people had edited.
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
    return Conflicts(
        unmerged=sorted({*unmerged, *marked()}),
        rejects=git.names("ls-files", "--others", "-z", "--", "*.rej"),
    )


def marked() -> list[str]:
    """Return the files with conflict markers of Copier."""
    grep = ("grep", "--untracked", "-I", "--files-with-matches", "-z", "-E", MARKS)
    found = git.attempt(*grep, "--", ".")
    # git grep ends with 1 when it finds nothing.
    if found.returncode > 1:
        raise git.RefusedError(f"git grep: {found.stderr.decode().strip()}")
    return git.split(found.stdout)


def lost(before: Tree) -> list[str]:
    """Return the deleted files that people had edited.

    Args:
        before: The files as the old release rendered them.
    """
    return [
        name
        for name in git.changed("D")
        if git.content("show", f"HEAD:./{name}") != before.get(name)
    ]
