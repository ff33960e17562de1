"""Small repositories of many kinds, from one YAML file each: tests/data/adopt/."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from extensions.questions import ROOT
from tests.support.commands import commit, succeed

FOLDER = ROOT / "tests" / "data" / "adopt"
# Those of repositories that are refused are in one file.
KINDS = sorted(it.stem for it in FOLDER.glob("*.yml") if it.stem != "refused")


@dataclass(frozen=True)
class Kind:
    """The files of a repository, and what a look at it shows."""

    files: dict[str, str]
    known: dict[str, str] = field(default_factory=dict)
    # The folder of the service; empty if it is the top.
    folder: str = ""
    encodings: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    def write(self, place: Path) -> Path:
        """Create the repository with one commit. Returns the folder of the service."""
        for name, text in self.files.items():
            file = place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode(self.encodings.get(name, "utf-8")))
        succeed(["git", "init", "--quiet"], place)
        commit(place, "Start")
        return place / self.folder


def kind(name: str) -> Kind:
    """Return a kind that can be adopted."""
    return Kind(**yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8")))


def refused() -> dict[str, Kind]:
    """Return the kinds that are refused, with the reason, by name."""
    text = (FOLDER / "refused.yml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return {name: Kind(**entry) for name, entry in entries.items()}
