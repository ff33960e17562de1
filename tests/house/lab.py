"""The template with all its releases, and projects that follow them."""

import os
from pathlib import Path

import copier

from extensions.questions import ROOT
from extensions.release import releases
from extensions.rendering import Answers
from tests.house.commands import commit, succeed
from tests.house.shelf import overlay

# What is out next: the working tree.
NEXT = "v9999.0.0"
MARKS = (b"<<<<<<< before updating", b">>>>>>> after updating")

Tree = dict[str, tuple[bool, bytes]]


def history(destination: Path) -> None:
    """Make a repository of the working tree on top of its releases, all tagged."""
    succeed(["git", "clone", "--quiet", ROOT, destination], ROOT)
    for version, released in releases(destination).items():
        succeed(["git", "tag", "--force", f"v{version}", released], destination)
    overlay(destination)
    succeed(["git", "tag", NEXT], destination)


def adopt(project: Path) -> Path:
    """Make a project a repository of its own, all committed."""
    succeed(["git", "init", "--quiet"], project)
    commit(project, "Start")
    return project


def update(project: Path, answers: Answers | None = None, to: str = NEXT) -> Path:
    """Update a project as plain Copier does, without its chatter."""
    copier.run_update(
        project,
        dict(answers or {}),
        vcs_ref=to,
        defaults=True,
        overwrite=True,
        skip_answered=True,
        quiet=True,
    )
    return project


def tree(project: Path) -> Tree:
    """Read a project: every file's bytes, and whether it can be run."""
    return {
        path.relative_to(project).as_posix(): (
            os.access(path, os.X_OK),
            path.read_bytes(),
        )
        for path in sorted(project.rglob("*"))
        if path.is_file() and path.relative_to(project).parts[0] != ".git"
    }


def violations(updated: Path, fresh: Path) -> list[str]:
    """Say where an updated project is not what a fresh one is."""
    is_, should = tree(updated), tree(fresh)
    return [
        *[f"missing: {name}" for name in should if name not in is_],
        *[f"left over: {name}" for name in is_ if name not in should],
        *[
            f"differs: {name}"
            for name in should
            if is_.get(name, should[name]) != should[name]
        ],
        *[
            f"marks of a conflict: {name}"
            for name, (_, text) in is_.items()
            if any(mark in text for mark in MARKS)
        ],
    ]
