"""Three-way merge of the versions of actions, images and installed programs."""

import re

from upkeep.requirements import Aligned
from upkeep.specifiers import choose

PINS = (
    # uses: actions/checkout@3d3c42e # v7.0.1
    re.compile(r"(?P<key>\buses: *[\w./-]+@)(?P<value>[\w.-]+( +# *v[\d.]+)?)"),
    # FROM python:3.13-slim@sha256:…, image: postgres:17-alpine
    re.compile(
        r"(?P<key>\b(FROM|image:) *[\"']?[\w./-]+:)"
        r"(?P<value>\d[\w.-]*(@sha256:\w+)?)"
    ),
    # pipx install poetry==2.5.1
    re.compile(r"(?P<key>\b[\w-]+==)(?P<value>\d[\w.]*)"),
)
# The comment behind a commit names its version.
VERSION = re.compile(r"(?:^|# *)v?(\d+(?:\.\d+)*)\b(?!\w)")


def align(base: str, ours: str, theirs: str) -> Aligned:
    """Write the higher version of each pin into all three versions of a file.

    If a file has a pin twice, in two versions, that pin is left as it is.
    """
    texts = (base, ours, theirs)
    for pattern in PINS:
        b, o, t = (values(pattern, text) for text in texts)
        merged = {
            key: choose(b[key], o[key], t[key], higher(o[key], t[key]))
            for key in b.keys() & o.keys() & t.keys()
        }
        base, ours, theirs = (replace(pattern, text, merged) for text in texts)
        texts = (base, ours, theirs)
    return Aligned(*texts)


def values(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """Return the pins that have one version in a text."""
    found: dict[str, set[str]] = {}
    for match in pattern.finditer(text):
        found.setdefault(match["key"], set()).add(match["value"])
    return {key: it.pop() for key, it in found.items() if len(it) == 1}


def replace(pattern: re.Pattern[str], text: str, merged: dict[str, str]) -> str:
    """Write other versions into a text."""
    return pattern.sub(lambda it: it["key"] + merged.get(it["key"], it["value"]), text)


def higher(ours: str, theirs: str) -> str:
    """Return the higher version; the project's if they can not be compared."""
    return theirs if version(theirs) > version(ours) > () else ours


def version(value: str) -> tuple[int, ...]:
    """Return the numbers of a version; empty if there are none."""
    match = VERSION.search(value)
    return tuple(map(int, match[1].split("."))) if match else ()
