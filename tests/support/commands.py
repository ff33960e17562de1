"""Runs commands as a person would, and shows what they said when a test fails."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMEOUT = 900

Completed = subprocess.CompletedProcess[str]


def run(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None
) -> Completed:
    """Run a command to its end, whatever its exit code."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTEST_")
    }
    completed = subprocess.run(
        command,
        cwd=cwd,
        env=inherited | dict(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    print(f"$ {' '.join(map(str, command))}\n{completed.stdout}{completed.stderr}")
    return completed


def succeed(command: Sequence[str | Path], cwd: Path) -> str:
    """Run a command that the test needs done, and give what it printed."""
    completed = run(command, cwd)
    assert completed.returncode == 0, f"{command} failed: {completed.stderr}"
    return completed.stdout


def commit(repository: Path, message: str = "Change") -> None:
    """Commit everything, past the hooks."""
    succeed(["git", "add", "--all"], repository)
    succeed(["git", "commit", "--quiet", "--no-verify", "-m", message], repository)


def append(file: Path, text: str) -> None:
    """Write at the end of a file."""
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
