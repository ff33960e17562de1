"""Reads which deviations from the template are intended, and why.

They are in pyproject.toml, in the table `tool.plumbline.drift`: paths, which may hold
stars, with a reason each. Projects that began before release 0.5 may still have them
in `upkeep/drift.yml`, a list of `path` and `reason`.
"""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any, NoReturn, cast

import yaml

from upkeep.errors import RefusedError
from upkeep.git import ROOT

PYPROJECT, TABLE = "pyproject.toml", "tool.plumbline.drift"
OLD = "upkeep/drift.yml"
KEYS = ("path", "reason")


@dataclass(frozen=True)
class AllowedDrift:
    """Pairs of a path pattern and a reason."""

    entries: tuple[tuple[str, str], ...]

    def reason(self, path: str) -> str:
        """Return the reason of the first pattern that fits a path, or nothing."""
        fitting = (why for pattern, why in self.entries if fnmatch(path, pattern))
        return next(fitting, "")


def read() -> AllowedDrift:
    """Read both places. Raises RefusedError where one of them is not valid."""
    table, old = ROOT / PYPROJECT, ROOT / OLD
    entries = parse_table(table.read_text("utf-8")) if table.exists() else []
    entries += parse_list(old.read_text("utf-8")) if old.exists() else []
    return AllowedDrift(tuple(entries))


def parse_table(text: str) -> list[tuple[str, str]]:
    """Read the table of pyproject.toml."""
    try:
        found: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        refuse(PYPROJECT, str(error))
    for key in TABLE.split("."):
        found = found.get(key, {}) if isinstance(found, dict) else found
    if not isinstance(found, dict):
        refuse(PYPROJECT, f"{TABLE} is no table of paths and reasons")
    for path, reason in found.items():
        if not isinstance(reason, str) or not reason.strip():
            refuse(PYPROJECT, f'{TABLE}."{path}" has no reason')
    return [*found.items()]


def parse_list(text: str) -> list[tuple[str, str]]:
    """Read the list of the releases before 0.5."""
    try:
        loaded: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        refuse(OLD, f"file: {' '.join(str(error).split())}")
    if not isinstance(loaded, list):
        refuse(OLD, "file: is no list")
    entries = cast(list[object], loaded)
    return [parse_entry(number, one) for number, one in enumerate(entries)]


def parse_entry(number: int, given: object) -> tuple[str, str]:
    """Read an entry of the list: a path and a reason, and nothing else."""
    if not isinstance(given, dict):
        refuse(OLD, f"[{number}]: is not a path with a reason")
    words = cast(dict[str, object], given)
    for key in words:
        if key not in KEYS:
            refuse(OLD, f"[{number}].{key}: is not known here")
    for key in KEYS:
        if not isinstance(value := words.get(key), str) or not value.strip():
            refuse(OLD, f"[{number}].{key}: is missing")
    return str(words["path"]), str(words["reason"])


def refuse(file: str, problem: str) -> NoReturn:
    """Refuse a file in one line."""
    raise RefusedError(f"{file}: {problem}")
