"""Cache of slow artefacts, shared by all workers of a test run."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml
from filelock import FileLock

from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support.commands import commit, succeed

MANAGERS = yaml.safe_load((ROOT / "includes/package_managers.yml").read_text("utf-8"))
LOCKS = [name for manager in MANAGERS.values() for name in manager["locks"]]


class SharedCache:
    """A folder in which each artefact is built once."""

    def __init__(self, folder: Path) -> None:
        """Use a folder that all workers share."""
        self.folder = folder

    def once(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return the artefact `name`; build it first if it is missing or incomplete."""
        place, done = self.folder / name, self.folder / f"{name}.done"
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{place}.lock"):
            if not done.exists():
                shutil.rmtree(place, ignore_errors=True)
                make(place)
                done.touch()
        return place

    def install(self, project: Path) -> Path:
        """Install a project; projects with the same requirements share one lock."""

        def resolve(place: Path) -> None:
            succeed(["make", "install"], project)
            place.mkdir()
            for lock in locks(project):
                shutil.copy(lock, place)

        requirements = (project / "pyproject.toml").read_bytes()
        shared = self.once(f"locks/{digest(requirements)}", resolve)
        if not locks(project):
            shutil.copytree(shared, project, dirs_exist_ok=True)
            succeed(["make", "install"], project)
        return project

    def share_mypy_cache(self, project: Path) -> Path:
        """Copy mypy's cache of the libraries from another project."""
        mypy = project / ".venv/bin/mypy"

        def find_out(place: Path) -> None:
            succeed([mypy, "--cache-dir", place, "."], project)

        if mypy.exists():
            [interpreter] = (project / ".venv/lib").iterdir()
            known = self.once(f"types/{interpreter.name}", find_out)
            shutil.copytree(known, project / ".mypy_cache", dirs_exist_ok=True)
        return project

    def adopt(self, project: Path) -> Path:
        """Install a project and commit it in a new repository."""
        succeed(["git", "init", "--quiet"], project)
        self.install(project)
        commit(project, "Start")
        return project


def locks(project: Path) -> list[Path]:
    """Return the lock files of a project."""
    return [project / name for name in LOCKS if (project / name).exists()]


def digest(content: bytes) -> str:
    """Return a short name that is derived from the content."""
    return hashlib.sha256(content).hexdigest()[:12]


def key(answers: Answers | None) -> str:
    """Return a short name of a set of answers."""
    return digest(json.dumps(answers or {}, sort_keys=True).encode())


def snapshot(destination: Path) -> None:
    """Create a repository of the working tree, uncommitted files included."""
    succeed(["git", "init", "--quiet", destination], ROOT)
    overlay(destination)
    assert not succeed(["git", "status", "--porcelain"], destination)


def overlay(repository: Path) -> None:
    """Commit the working tree on top of the history of a repository."""
    git = ["git", f"--git-dir={repository / '.git'}", f"--work-tree={ROOT}"]
    succeed([*git, "add", "--all"], ROOT)
    succeed(
        [*git, "commit", "--quiet", "--allow-empty", "-m", "The working tree"], ROOT
    )
    succeed(["git", "checkout", "--quiet", "--", "."], repository)
