"""Reads who owns which line: `ownership.yml`."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

import yaml

FILE = Path(__file__).with_name("ownership.yml")

Kind = Literal["generated", "shared", "seeded"]


@dataclass(frozen=True)
class Ownership:
    """What is seeded, and below which lines shared files are the project's."""

    seeded: tuple[str, ...]
    shared: dict[str, tuple[str, ...]]

    def of(self, path: str) -> Kind:
        """Say who owns a file that the template renders."""
        if any(fnmatch(path, pattern) for pattern in self.seeded):
            return "seeded"
        return "shared" if path in self.shared else "generated"


def read(file: Path = FILE) -> Ownership:
    """Read the map."""
    content: dict[str, Any] = yaml.safe_load(file.read_bytes())
    shared: dict[str, list[str]] = content["shared"]
    return Ownership(
        seeded=tuple(content["seeded"]),
        shared={path: tuple(anchors) for path, anchors in shared.items()},
    )
