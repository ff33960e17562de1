"""Merges versions that a project and a release both changed: start with `merge`."""

import re

from upkeep import conflicts, git, pins, requirements
from upkeep.baseline import Tree
from upkeep.errors import RefusedError
from upkeep.git import ROOT
from upkeep.requirements import Aligned

PYPROJECT = "pyproject.toml"
# Other files with versions.
PINNED = re.compile(
    r"Makefile|(.*/)?Dockerfile|compose[^/]*\.yaml|\.gitlab-ci\.yml"
    r"|\.github/workflows/[^/]+\.yaml"
)


def merge(before: Tree, after: Tree) -> list[str]:
    """Merge versions by their meaning, after Copier has merged line by line.

    Args:
        before: The files of the release that the project had.
        after: The files of the release that it follows now.

    Returns:
        The files that were merged.
    """
    unmerged = conflicts.find().unmerged
    names = [
        name
        for name in before
        if name in after and needs_merge(name, before[name], unmerged)
    ]
    for name in names:
        align = requirements.align if name == PYPROJECT else pins.align
        texts = (before[name], committed(name), after[name])
        merge_lines(name, align(*(it.decode() for it in texts)))
    return names


def needs_merge(name: str, before: bytes, unmerged: list[str]) -> bool:
    """Check whether the project changed requirements, or another pin is in conflict."""
    if name == PYPROJECT:
        return committed(name) not in (b"", before)
    return name in unmerged and bool(PINNED.fullmatch(name))


def committed(name: str) -> bytes:
    """Return a file of the project as it was before the update; empty without it."""
    return git.attempt("show", f"HEAD:./{name}").stdout


def merge_lines(name: str, aligned: Aligned) -> None:
    """Merge the rest of a file line by line; it stays in conflict if that fails."""
    base, ours, theirs = (it.encode() for it in aligned)
    merged = git.merge_file(ours, base, theirs)
    # The exit code is the number of conflicts; from 128 on it is an error.
    if merged.returncode > 127:
        raise RefusedError(f"git merge-file: {merged.stderr.decode().strip()}")
    (ROOT / name).write_bytes(merged.stdout)
    if not merged.returncode:
        git.content("reset", "--quiet", "--", name)
