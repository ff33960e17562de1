"""Reads the answers that Copier recorded, and refuses those edited by hand."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from upkeep import notes
from upkeep.errors import RefusedError
from upkeep.git import ROOT

NAME = ".copier-answers.yml"
FILE = ROOT / NAME
CHECKSUM = re.compile(r"^# Checksum of the answers: ([0-9a-f]+)$", re.MULTILINE)
# The first release that wrote a checksum.
SIGNED_SINCE = (0, 4, 0, 0)
# A template may move: its address is not part of the checksum.
UNSIGNED = re.compile(r"^(#.*|_src_path:.*(\n .*)*|)(\n|\Z)", re.MULTILINE)
# The releases 0.4.0 and 0.4.1 left the release out as well.
RELEASE = re.compile(r"^_commit:.*\n", re.MULTILINE)
BACK = (
    f"Take it back: git checkout HEAD -- {NAME}. Older ones:"
    f" git log --all --oneline -- {NAME}"
)
MISSING = (
    f"is missing. {BACK}. If git has none, name the release that the project is on, and"
    " let Copier write it again: copier copy --vcs-ref RELEASE --data NAME=ANSWER…"
    f" --overwrite --exclude '*' --exclude '!{NAME}' TEMPLATE ."
)
EDITED = (
    "was edited by hand, so the answers of the rendered project are not known."
    f" {BACK}. Then: make update ARGS='--data NAME=ANSWER'"
)


@dataclass(frozen=True)
class Origin:
    """The template, the release and the answers of a project."""

    source: str
    release: str
    answers: dict[str, Any]


def read(file: Path = FILE) -> Origin:
    """Read the answers file. Raises RefusedError if it is missing or was edited."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RefusedError(f"{NAME} {MISSING}") from None
    origin = parse(text)
    if not intact(text, origin.release):
        raise RefusedError(f"{NAME} {EDITED}")
    return origin


def intact(text: str, release: str) -> bool:
    """Return whether the checksum fits; releases before 0.4 wrote none."""
    signed, version = CHECKSUM.search(text), notes.version(release)
    if signed:
        return signed[1] in (checksum(text), checksum(RELEASE.sub("", text)))
    return bool(version and version < SIGNED_SINCE)


def parse(text: str) -> Origin:
    """Read the answers and Copier's own two keys. Raises RefusedError."""
    try:
        loaded: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RefusedError(f"{NAME}: {' '.join(str(error).split())}. {BACK}") from None
    if not isinstance(loaded, dict):
        raise RefusedError(f"{NAME} holds no answers. {BACK}")
    content = cast(dict[str, Any], loaded)
    for key in ("_src_path", "_commit"):
        if not isinstance(content.get(key), str):
            raise RefusedError(f"{NAME} has no {key}. {BACK}")
    return Origin(
        source=content["_src_path"],
        release=content["_commit"],
        answers={key: value for key, value in content.items() if key[0] != "_"},
    )


def release(text: str) -> str:
    """Return the release; the newer one of two between conflict markers."""
    found: list[str] = re.findall(r"^_commit: (\S+)$", text, re.MULTILINE)
    return found[-1] if found else "?"


def checksum(text: str) -> str:
    """Return the checksum of the release and the answers."""
    signed = UNSIGNED.sub("", text).strip()
    return hashlib.sha256(signed.encode()).hexdigest()[:12]
