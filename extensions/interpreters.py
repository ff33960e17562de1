"""Finds an interpreter that is new enough for a project."""

import os
import subprocess
from pathlib import Path

from uv import find_uv_bin


def pyenv_directories() -> list[Path]:
    """List where pyenv keeps its interpreters, which need not be on PATH."""
    named = os.environ.get("PYENV_ROOT")
    roots = {Path.home() / ".pyenv", *([Path(named)] if named else [])}
    return sorted(found for root in roots for found in root.glob("versions/*/bin"))


def locate(minimum: str) -> dict[str, str] | None:
    """Say what uv must be told in its environment to find one; None: there is none."""
    if _find(minimum, os.environ.get("PATH", "")):
        return {}
    directories = [os.environ.get("PATH", ""), *map(str, pyenv_directories())]
    if found := _find(minimum, os.pathsep.join(directories)):
        return {"UV_PYTHON": found}
    return {} if _uv("python", "install", minimum).returncode == 0 else None


def executable(minimum: str, told: dict[str, str]) -> str:
    """Give the path of the interpreter that was located, one of uv's own included."""
    return told.get("UV_PYTHON") or _find(minimum, os.environ.get("PATH", ""))


def _find(minimum: str, path: str) -> str:
    """Ask uv, which tries each candidate, and so passes over pyenv's empty shims."""
    options = ("--system", "--no-project", "--no-python-downloads")
    return _uv("python", "find", *options, f">={minimum}", path=path).stdout.strip()


def _uv(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({} if path is None else {"PATH": path})
    return subprocess.run(
        [find_uv_bin(), *arguments], env=environment, capture_output=True, text=True
    )
