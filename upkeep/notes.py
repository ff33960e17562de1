"""Reads the notes of the releases: the template's CHANGELOG.md."""

import re
from pathlib import Path

FILE = Path(__file__).parents[1] / "CHANGELOG.md"
# v0.3.0, or where the template was some commits later: v0.3.0-4-g1234567.
RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-\d+-g)?")
# A version without a number is the newest one, or is not released yet.
NEWEST, NEVER = (10**9,), (10**9 + 1,)
SECTION = "Before you deploy"

Version = tuple[int, ...]


def version(release: str) -> Version | None:
    """Return what releases are ordered by; a later commit follows its release."""
    if not (match := RELEASE.match(release)):
        return None
    return (*map(int, match.groups()[:3]), int(bool(match[4])))


def between(old: str, new: str, text: str) -> dict[str, str]:
    """Return the notes of every release after the old one, the oldest first."""
    first, last = version(old), version(new) or NEWEST
    found: dict[str, str] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        at = version(title) or (last if last[-1] else NEVER)
        if (first is None or first < at) and at <= last:
            found = {title.strip(): body.strip()} | found
    return found


def before_deploying(old: str, new: str, text: str) -> dict[str, str]:
    """Return the steps that no update can take for people, by release."""
    parts = {
        title: re.split(r"^### ", body, flags=re.MULTILINE)
        for title, body in between(old, new, text).items()
    }
    return {
        title: part.partition("\n")[2].strip()
        for title, sections in parts.items()
        for part in sections
        if part.partition("\n")[0].strip() == SECTION
    }


def read(file: Path = FILE) -> str:
    """Read the changelog; a release may have none."""
    return file.read_text(encoding="utf-8") if file.exists() else ""
