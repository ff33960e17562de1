"""The result of a visit to one repository."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

# The states, the worst first, with their meanings.
STATES = {
    "failed": "could not be visited, or is no project",
    "conflicts": "the update needs a person: see the files",
    "red": "its gates fail",
    "updated": "a branch with the newest release, its gates pass",
    "current": "has the newest release, its gates pass",
    "foreign": "no project of this template",
}
FINE = ("updated", "current", "foreign")


@dataclass
class Result:
    """The state of a project, and what was done."""

    name: str
    url: str
    folder: str = ""
    state: str = "failed"
    before: str = ""
    after: str = ""
    gates: str = "not run"
    note: str = ""
    branch: str = ""
    pushed: bool = False
    link: str = ""
    visited: str = ""
    seconds: float = 0.0
    drift: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    waived: list[str] = field(default_factory=list)

    @property
    def compared(self) -> bool:
        """Return whether it was compared with its release."""
        return self.state not in ("failed", "foreign")

    @property
    def fine(self) -> bool:
        """Return whether nothing is left to do."""
        return self.state in FINE

    def write(self, file: Path) -> None:
        """Write the result for the next run; an interruption leaves the old file."""
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        new.replace(file)


def kept(file: Path) -> Result | None:
    """Return the result of an earlier run, or None if the file is not valid."""
    try:
        words = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(words, dict) or {*words} != {one.name for one in fields(Result)}:
        return None
    return Result(**words)
