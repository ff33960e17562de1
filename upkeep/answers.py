"""Reads what the project answered, and refuses what Copier did not write."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from upkeep.git import ROOT, RefusedError

NAME = ".copier-answers.yml"
FILE = ROOT / NAME
CHECKSUM = re.compile(r"^# Checksum of the answers: ([0-9a-f]+)$", re.MULTILINE)
# A template may move; the release and the answers change with an update only.
UNSIGNED = re.compile(r"^(#.*|_src_path:.*(\n .*)*|)(\n|\Z)", re.MULTILINE)
BACK = (
    f"Take it back: git checkout HEAD -- {NAME}. Older ones:"
    f" git log --all --oneline -- {NAME}"
)
GONE = (
    f"is missing. {BACK}. If git has none, name the release that the project is on, and"
    " let Copier write it again: copier copy --vcs-ref RELEASE --data NAME=ANSWER…"
    f" --overwrite --exclude '*' --exclude '!{NAME}' TEMPLATE ."
)
EDITED = (
    "was edited by hand, so nobody knows what the project was rendered with."
    f" {BACK}. Then: make update ARGS='--data NAME=ANSWER'"
)


@dataclass(frozen=True)
class Origin:
    """Where the project came from, and what it answered."""

    source: str
    release: str
    answers: dict[str, Any]


def read(file: Path = FILE) -> Origin:
    """Read the file of the answers; refuse one that Copier did not write."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RefusedError(f"{NAME} {GONE}") from None
    origin = parse(text)
    signed = CHECKSUM.search(text)
    if not signed or signed[1] != checksum(text):
        raise RefusedError(f"{NAME} {EDITED}")
    return origin


def parse(text: str) -> Origin:
    """Read the answers, and the two lines that Copier needs."""
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
    """Give the release, of the newer side where two stand between marks."""
    found: list[str] = re.findall(r"^_commit: (\S+)$", text, re.MULTILINE)
    return found[-1] if found else "?"


def checksum(text: str) -> str:
    """Sum up the release and the answers."""
    signed = UNSIGNED.sub("", text).strip()
    return hashlib.sha256(signed.encode()).hexdigest()[:12]
