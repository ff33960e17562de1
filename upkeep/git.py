"""Runs git in the folder of the project, which is the current folder."""

import os
import shutil
import subprocess  # nosec B404
from collections.abc import Mapping
from pathlib import Path

ROOT = Path()


class RefusedError(Exception):
    """A command was refused: the message names the reason and what to type instead."""


def attempt(
    *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git. Does not raise if it fails."""
    if not shutil.which("git"):
        raise RefusedError(
            "git is not on PATH: install it (https://git-scm.com/downloads)"
        )
    # Nothing that a person typed becomes an option: names of files follow `--`.
    return subprocess.run(  # nosec B603 B607
        ["git", *arguments],
        env=os.environ | dict(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def content(*arguments: str, env: Mapping[str, str] | None = None) -> bytes:
    """Run git and return its output, byte for byte. Raises RefusedError."""
    done = attempt(*arguments, env=env)
    if done.returncode:
        errors = done.stderr.decode(errors="replace").strip().splitlines() or ["failed"]
        raise RefusedError(f"git {arguments[0]}: {errors[-1]}")
    return done.stdout


def line(*arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run git and return its output as text, stripped. Raises RefusedError."""
    return content(*arguments, env=env).decode().strip()


def names(*arguments: str) -> list[str]:
    """Run git and return the file names that it printed, separated by NUL."""
    return split(content(*arguments))


def split(printed: bytes) -> list[str]:
    """Return sorted file names; git repeats those of unmerged files."""
    return sorted({name for name in printed.decode().split("\0") if name})


def untracked() -> list[str]:
    """Return the files that git neither tracks nor ignores."""
    return names("ls-files", "--others", "--exclude-standard", "-z")


def changed(kinds: str = "", since: str = "HEAD") -> list[str]:
    """Return the tracked files that differ from a commit.

    Args:
        kinds: Letters of git's `--diff-filter`: A added, D deleted, …; all by default.
        since: The commit to compare with.
    """
    chosen = [f"--diff-filter={kinds}"] if kinds else []
    named = ("--name-only", "--no-renames", "--relative", *chosen, "-z")
    return names("diff", *named, since, "--", ".")


def added(since: str) -> list[str]:
    """Return the files that did not exist at a commit."""
    return sorted({*untracked(), *changed("A", since)})


def dirty(path: str = ".") -> bool:
    """Return whether something is not committed; new files count, always."""
    return bool(content("status", "--porcelain", "--untracked-files=all", "--", path))


def with_untracked() -> dict[str, str]:
    """Return an environment in which git lists new files, against its settings."""
    number = os.environ.get("GIT_CONFIG_COUNT") or "0"
    return os.environ | {
        "GIT_CONFIG_COUNT": str(int(number) + 1),
        f"GIT_CONFIG_KEY_{number}": "status.showUntrackedFiles",
        f"GIT_CONFIG_VALUE_{number}": "all",
    }
