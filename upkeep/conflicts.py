"""Finds what an update could not settle, and what it took away."""

from dataclasses import dataclass, field

from upkeep import git
from upkeep.baseline import Tree

MARKS = r"^(<<<<<<< before updating|>>>>>>> after updating)"


@dataclass(frozen=True)
class Damage:
    """What a person has to look at."""

    conflicts: list[str] = field(default_factory=list[str])
    rejects: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])

    def __bool__(self) -> bool:
        return bool(self.conflicts or self.rejects or self.lost)


def find() -> Damage:
    """Name the files with conflicts, and the hunks that went nowhere."""
    unmerged = git.names("diff", "--name-only", "--relative", "--diff-filter=U", "-z")
    return Damage(
        conflicts=sorted({*unmerged, *marked()}),
        rejects=git.names("ls-files", "--others", "-z", "--", "*.rej"),
    )


def marked() -> list[str]:
    """Name the files in which both versions stand between marks."""
    grep = ("grep", "--untracked", "-I", "--files-with-matches", "-z", "-E", MARKS)
    found = git.attempt(*grep, "--", ".")
    # 1 is nothing found.
    if found.returncode > 1:
        raise git.RefusedError(f"git grep: {found.stderr.decode().strip()}")
    return git.split(found.stdout)


def lost(before: Tree) -> list[str]:
    """Name the files that are gone, though somebody had written in them."""
    return [
        name
        for name in git.changed("D")
        if git.content("show", f"HEAD:./{name}") != before.get(name)
    ]
