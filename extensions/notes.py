"""Gives what the changelog says of one release."""

import re
import sys
from pathlib import Path


def notes(repository: Path, tag: str) -> str:
    """Cut the release out of the changelog; one that is not in it ends the program."""
    version = tag.removeprefix("v")
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    section = rf"^## {re.escape(version)}\b.*\n+((?:(?!## ).*\n?)+)"
    found = re.search(section, text, re.MULTILINE)
    if not found:
        raise SystemExit(f"CHANGELOG.md says nothing of {version}: write it first")
    return found[1].strip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(notes(Path.cwd(), sys.argv[1]))
