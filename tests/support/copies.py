"""Copies and clones of an installed project. They share its environment."""

import shutil
from pathlib import Path

from tests.support.commands import succeed


def copy(installed: Path, place: Path) -> Path:
    """Copy a project with its files, and link its environment."""
    shutil.copytree(installed, place, ignore=shutil.ignore_patterns(".venv"))
    return link(installed, place)


def clone(origin: Path, place: Path, *options: str) -> Path:
    """Clone a repository as a pipeline does, and link its environment."""
    url = f"file://{origin}"
    succeed(["git", "clone", "--quiet", *options, url, place], place.parent)
    hide(place)
    return link(origin, place)


def link(installed: Path, place: Path) -> Path:
    """Link the environment of a project into another place."""
    (place / ".venv").symlink_to(installed / ".venv")
    return place


def hide(repository: Path) -> None:
    """Exclude the link from commits: the project's own pattern is for a folder."""
    (repository / ".git/info/exclude").write_text(".venv\n", encoding="utf-8")
