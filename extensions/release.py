"""Finds the releases: the commits that change the version in pyproject.toml."""

import subprocess
import tarfile
import tomllib
from io import BytesIO
from pathlib import Path

from extensions.commands import isolated

UNRELEASED = "0.0.0"


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository, and return its output."""
    return subprocess.run(
        ["git", "-C", repository, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=isolated(repository),
    ).stdout.strip()


def version_of(settings: str) -> str:
    """Return the version in the text of a pyproject.toml."""
    return str(tomllib.loads(settings)["project"]["version"])


def releases(repository: Path) -> dict[str, str]:
    """Return the commit of each released version, the oldest first."""
    found: dict[str, str] = {}
    order = ("--first-parent", "--reverse", "--format=%H")
    for commit in git(repository, "log", *order, "--", "pyproject.toml").split():
        version = version_of(git(repository, "show", f"{commit}:pyproject.toml"))
        if version != UNRELEASED:
            found.setdefault(version, commit)
    return found


def tree_of(repository: Path, ref: str, destination: Path) -> None:
    """Write the files of a commit to a folder."""
    packed = subprocess.run(
        ["git", "-C", repository, "archive", ref], check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(destination, filter="data")


def untagged(repository: Path) -> dict[str, str]:
    """Return the missing tags of releases, with their commits."""
    tags = git(repository, "tag").split()
    return {
        f"v{version}": commit
        for version, commit in releases(repository).items()
        if f"v{version}" not in tags
    }


def main() -> None:
    """Print the name and commit of each missing tag."""
    for tag, commit in untagged(Path.cwd()).items():
        print(tag, commit)


if __name__ == "__main__":
    main()
