"""Knows who owns a file: the template, the project, or both, divided by markers."""

import re
from fnmatch import fnmatch
from typing import Literal

# Rendered once; afterwards they belong to the project. As in copier.yml.
SEEDED = (
    ".env",
    "CHANGELOG.md",
    "standards/own/rules.yml",
    "standards/waivers.yml",
)
# The project writes below such a line, the template above it. A file ends with
# its last marker.
MARKER = re.compile(
    r"^ *(# -- Your own \S.* below this line\b.*|"
    r"\| \*\*Your own \S.* below this line\.\*\* .*)$",
    re.MULTILINE,
)

Owner = Literal["generated", "shared", "seeded"]


def markers(text: str) -> tuple[str, ...]:
    """Return the lines of a rendered file below which the project writes."""
    return tuple(match[1] for match in MARKER.finditer(text))


def owner(path: str, text: bytes) -> Owner:
    """Return who owns a file that the template renders as this text."""
    if any(fnmatch(path, pattern) for pattern in SEEDED):
        return "seeded"
    return "shared" if markers(text.decode(errors="replace")) else "generated"
