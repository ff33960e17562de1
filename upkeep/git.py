"""Speaks to git, in the project's folder."""

import os
import shutil
import subprocess  # nosec B404
from collections.abc import Mapping
from pathlib import Path

# The tools run in the folder of the project.
ROOT = Path()


class RefusedError(Exception):
    """What was asked for is not done: says why, and what to do instead."""


def attempt(
    *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git to its end, whatever its exit code."""
    if not shutil.which("git"):
        raise RefusedError(
            "git is not on PATH: install it (https://git-scm.com/downloads)"
        )
    # Nothing that a person typed becomes an option: names of files follow `--`.
    return subprocess.run(  # nosec B603 B607
        ["git", *arguments],
        cwd=ROOT,
        env=os.environ | dict(env or {}),
        capture_output=True,
        check=False,
    )


def content(*arguments: str, env: Mapping[str, str] | None = None) -> bytes:
    """Run git, and give what it printed, byte for byte."""
    done = attempt(*arguments, env=env)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["failed"]
        raise RefusedError(f"git {arguments[0]}: {said[-1]}")
    return done.stdout


def line(*arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run git, and give the text that it printed."""
    return content(*arguments, env=env).decode().strip()


def names(*arguments: str) -> list[str]:
    """Run git, and give the names that it printed, divided by NUL."""
    return split(content(*arguments))


def split(printed: bytes) -> list[str]:
    """Read names that are divided by NUL; git repeats what is not merged."""
    return sorted({name for name in printed.decode().split("\0") if name})


def untracked() -> list[str]:
    """Name the files that git neither knows nor ignores."""
    return names("ls-files", "--others", "--exclude-standard", "-z")


def changed(kinds: str = "", since: str = "HEAD") -> list[str]:
    """Name the known files that are not as they were at a commit."""
    chosen = [f"--diff-filter={kinds}"] if kinds else []
    named = ("--name-only", "--no-renames", "--relative", *chosen, "-z")
    return names("diff", *named, since, "--", ".")


def came(since: str) -> list[str]:
    """Name the files that were not there at a commit."""
    return sorted({*untracked(), *changed("A", since)})


def dirty(path: str = ".") -> bool:
    """Say whether something here is not committed; new files count, always."""
    return bool(content("status", "--porcelain", "--untracked-files=all", "--", path))


def attentive() -> dict[str, str]:
    """Give an environment in which whoever asks git hears of new files, too."""
    number = os.environ.get("GIT_CONFIG_COUNT") or "0"
    return os.environ | {
        "GIT_CONFIG_COUNT": str(int(number) + 1),
        f"GIT_CONFIG_KEY_{number}": "status.showUntrackedFiles",
        f"GIT_CONFIG_VALUE_{number}": "all",
    }
