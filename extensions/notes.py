"""Prints the section of a release in the changelog."""

import re
import sys
from pathlib import Path


def notes(repository: Path, tag: str) -> str:
    """Return the section of a release. Raises SystemExit if there is none."""
    version = tag.removeprefix("v")
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    section = rf"^## {re.escape(version)}\b.*\n+((?:(?!## ).*\n?)+)"
    found = re.search(section, text, re.MULTILINE)
    if not found:
        raise SystemExit(f"CHANGELOG.md has no section for {version}: write it first")
    return found[1].strip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(notes(Path.cwd(), sys.argv[1]))
