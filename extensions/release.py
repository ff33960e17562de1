"""Finds the releases: the commits that change the version in pyproject.toml."""

import subprocess
import tarfile
import tomllib
from io import BytesIO
from pathlib import Path

UNRELEASED = "0.0.0"


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository and give what it prints."""
    return subprocess.run(
        ["git", "-C", repository, *arguments],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def version_of(settings: str) -> str:
    """Read the version in the text of a pyproject.toml."""
    return str(tomllib.loads(settings)["project"]["version"])


def releases(repository: Path) -> dict[str, str]:
    """Map every released version to the commit that set it, the oldest first."""
    found: dict[str, str] = {}
    order = ("--first-parent", "--reverse", "--format=%H")
    for commit in git(repository, "log", *order, "--", "pyproject.toml").split():
        version = version_of(git(repository, "show", f"{commit}:pyproject.toml"))
        if version != UNRELEASED:
            found.setdefault(version, commit)
    return found


def tree_of(repository: Path, ref: str, destination: Path) -> None:
    """Write the files of a commit into a folder."""
    packed = subprocess.run(
        ["git", "-C", repository, "archive", ref], check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(destination, filter="data")


def untagged(repository: Path) -> dict[str, str]:
    """Map the tag that each release still lacks to its commit."""
    tags = git(repository, "tag").split()
    return {
        f"v{version}": commit
        for version, commit in releases(repository).items()
        if f"v{version}" not in tags
    }


def main() -> None:
    """Print a line for every tag to be made: its name and its commit."""
    for tag, commit in untagged(Path.cwd()).items():
        print(tag, commit)


if __name__ == "__main__":
    main()
