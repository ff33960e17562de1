"""Reads which deviations are wanted, and why: `drift.yml`."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import NoReturn, cast

import yaml

from upkeep.git import RefusedError

KEYS = ("path", "reason")


@dataclass(frozen=True)
class Reasons:
    """Paths, which may hold stars, and why they deviate."""

    entries: tuple[tuple[str, str], ...]

    def of(self, path: str) -> str:
        """Give the reason of the first entry that names a path."""
        fits = (reason for pattern, reason in self.entries if fnmatch(path, pattern))
        return next(fits, "")


def read(file: Path) -> Reasons:
    """Read the list; refuse one that says less, or more, than it should."""
    try:
        loaded: object = yaml.safe_load(file.read_bytes()) if file.exists() else []
    except yaml.YAMLError as error:
        wrong(file, "file", " ".join(str(error).split()))
    if not isinstance(loaded, list):
        wrong(file, "file", "is no list")
    entries = cast(list[object], loaded)
    return Reasons(tuple(entry(file, *one) for one in enumerate(entries)))


def entry(file: Path, number: int, given: object) -> tuple[str, str]:
    """Read one entry: a path and a reason, both said."""
    if not isinstance(given, dict):
        wrong(file, f"[{number}]", "is not a path with a reason")
    words = cast(dict[str, object], given)
    for key in words:
        if key not in KEYS:
            wrong(file, f"[{number}].{key}", "is not known here")
    for key in KEYS:
        if not isinstance(said := words.get(key), str) or not said.strip():
            wrong(file, f"[{number}].{key}", "is missing")
    return str(words["path"]), str(words["reason"])


def wrong(file: Path, key: str, problem: str) -> NoReturn:
    """Refuse the file in one line."""
    raise RefusedError(f"{file.parent.name}/{file.name}: {key}: {problem}")
