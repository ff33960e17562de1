"""The result of a visit to one repository."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

# The states, the worst first, with their meanings. Whether gates ran is not a state.
STATES = {
    "failed": "could not be visited, or is no project",
    "conflicts": "the update needs a person: see the files",
    "red": "its gates fail",
    "begun": "its visit has not ended",
    "waiting": "not visited yet",
    "behind": "has an older release",
    "updated": "a branch has the release",
    "current": "has the release",
    "foreign": "no project of this template",
}
FINE = ("updated", "current", "foreign")
# The states of requests.
OPEN, CLOSED = ("open", "red"), ("merged", "closed")


@dataclass
class Result:
    """The state of a project, and what was done."""

    name: str
    url: str
    folder: str = ""
    wave: int = 0
    state: str = "failed"
    before: str = ""
    after: str = ""
    # The commit of the repository, and that of the update: gates ran on the last one.
    commit: str = ""
    update: str = ""
    gates: str = "not run"
    # The command of the gates.
    command: str = ""
    note: str = ""
    branch: str = ""
    pushed: bool = False
    # Why the branch is not pushed, or the request is not open.
    unpushed: str = ""
    link: str = ""
    request: str = ""
    visited: str = ""
    seconds: float = 0.0
    drift: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    waived: list[str] = field(default_factory=list)
    # The template, its newest release, and the options of the visit.
    source: str = ""
    newest: str = ""
    options: str = ""
    # Whether it was compared with its release, and visited in the current run.
    compared: bool = False
    now: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether a request is open; a pushed branch counts as one."""
        return self.request in OPEN or self.pushed and self.request not in CLOSED

    @property
    def fine(self) -> bool:
        """Return whether a visit has nothing left to do."""
        return self.state in FINE

    @property
    def done(self) -> bool:
        """Return whether nothing is left to do."""
        return self.fine and not self.unpushed

    def write(self, file: Path) -> None:
        """Write the result for the next run; an interruption leaves the old file."""
        replace(file, json.dumps(asdict(self) | {"now": False}, indent=2) + "\n")


def kept(file: Path) -> Result | None:
    """Return the result of an earlier run, or None if the file is not valid."""
    try:
        words = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(words, dict) or {*words} != {one.name for one in fields(Result)}:
        return None
    return Result(**words)


def replace(file: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
