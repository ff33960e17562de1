"""Merges versions that a project and a release both changed: start with `merge`."""

import re
import tempfile
from pathlib import Path

from upkeep import answers, baseline, conflicts, git, pins, requirements
from upkeep.baseline import Tree
from upkeep.git import ROOT
from upkeep.requirements import Aligned

PYPROJECT = "pyproject.toml"
# Other files with versions.
PINNED = re.compile(
    r"Makefile|(.*/)?Dockerfile|compose[^/]*\.yaml|\.gitlab-ci\.yml"
    r"|\.github/workflows/[^/]+\.yaml"
)
# The labels of Copier, so that every conflict looks the same.
LABELS = ("before updating", "last update", "after updating")


def merge(before: Tree) -> None:
    """Merge versions by their meaning, after Copier has merged line by line.

    Args:
        before: The files of the release that the project had.
    """
    unmerged = conflicts.find().unmerged
    names = [name for name in before if needs_merge(name, before[name], unmerged)]
    if not names or answers.NAME in unmerged:
        return
    origin = answers.parse(answers.FILE.read_text(encoding="utf-8"))
    after = baseline.render(origin, only=names)
    for name in (it for it in names if it in after):
        align = requirements.align if name == PYPROJECT else pins.align
        texts = (before[name], committed(name), after[name])
        merge_lines(name, align(*(it.decode() for it in texts)))


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
    with tempfile.TemporaryDirectory(prefix="upkeep-") as folder:
        base, ours, theirs = (Path(folder, it) for it in ("base", "ours", "theirs"))
        for path, text in zip((base, ours, theirs), aligned, strict=True):
            path.write_bytes(text.encode())
        labels = [it for label in LABELS for it in ("-L", label)]
        merged = git.attempt(
            "merge-file", "--stdout", *labels, str(ours), str(base), str(theirs)
        )
    # The exit code is the number of conflicts; from 128 on it is an error.
    if merged.returncode > 127:
        raise git.RefusedError(f"git merge-file: {merged.stderr.decode().strip()}")
    (ROOT / name).write_bytes(merged.stdout)
    if not merged.returncode:
        git.content("reset", "--quiet", "--", name)
