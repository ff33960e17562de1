"""Finds a Python interpreter for a project."""

import os
import subprocess
from pathlib import Path

from uv import find_uv_bin


def pyenv_directories() -> list[Path]:
    """List the folders with pyenv's interpreters, which need not be on PATH."""
    named = os.environ.get("PYENV_ROOT")
    roots = {Path.home() / ".pyenv", *([Path(named)] if named else [])}
    return sorted(found for root in roots for found in root.glob("versions/*/bin"))


def locate(minimum: str) -> dict[str, str] | None:
    """Return the variables with which uv finds an interpreter, or None."""
    if _find(minimum, os.environ.get("PATH", "")):
        return {}
    directories = [os.environ.get("PATH", ""), *map(str, pyenv_directories())]
    if found := _find(minimum, os.pathsep.join(directories)):
        return {"UV_PYTHON": found}
    return {} if _uv("python", "install", minimum).returncode == 0 else None


def executable(minimum: str, told: dict[str, str]) -> str:
    """Return the path of the interpreter that `locate` found."""
    return told.get("UV_PYTHON") or _find(minimum, os.environ.get("PATH", ""))


def _find(minimum: str, path: str) -> str:
    """Search with uv, which tries each candidate: shims of pyenv may be empty."""
    options = ("--system", "--no-project", "--no-python-downloads")
    return _uv("python", "find", *options, f">={minimum}", path=path).stdout.strip()


def _uv(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({} if path is None else {"PATH": path})
    return subprocess.run(
        [find_uv_bin(), *arguments], env=environment, capture_output=True, text=True
    )
