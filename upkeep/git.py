"""Runs git in the folder of the project, which is the current folder."""

import subprocess  # nosec B404
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from upkeep import isolation
from upkeep.errors import RefusedError

ROOT = Path()
# The labels of Copier, so that every conflict looks the same.
LABELS = ("before updating", "last update", "after updating")


def attempt(
    *arguments: str, env: Mapping[str, str] | None = None, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git, with what it reads from its input. Does not raise if it fails."""
    # Nothing that a person typed becomes an option: names of files follow `--`.
    return subprocess.run(  # nosec B603 B607
        ["git", *arguments],
        env=isolation.environment(ROOT) | dict(env or {}),
        input=given,
        capture_output=True,
        check=False,
    )


def merge_file(
    ours: bytes, base: bytes, theirs: bytes
) -> subprocess.CompletedProcess[bytes]:
    """Merge two texts line by line; the exit code is the number of conflicts."""
    labels = [word for label in LABELS for word in ("-L", label)]
    with tempfile.TemporaryDirectory(prefix="upkeep-") as folder:
        files = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for file, text in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(text)
        return attempt("merge-file", "--stdout", *labels, *map(str, files))


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


def project_folder(name: str) -> Path:
    """Return a folder in that of git; a repository may hold several projects."""
    prefix = line("rev-parse", "--show-prefix") or "-"
    return ROOT / line("rev-parse", "--git-path", name) / quote(prefix, "")


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
