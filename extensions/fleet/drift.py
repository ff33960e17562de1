"""Says where a project is not what its release and its answers make of it."""

import json
import re
import sys
from difflib import SequenceMatcher
from pathlib import Path

from extensions.commands import Commands, surroundings
from extensions.questions import documents
from extensions.refusals import RefusalError

ANCHOR = re.compile(rb"-- Your own\b.* below this line\b")
# The line of pyproject.toml that is the project's from the first day.
VERSION = re.compile(rb'(?m)^version = ".*"$')


def told(project: Path, commands: Commands) -> list[str] | None:
    """Ask the project, which knows its exceptions; None: its release could not say."""
    if not (project / "upkeep" / "drift.py").is_file():
        return None
    command = [sys.executable, "-m", "upkeep.drift", "--json"]
    done = commands.run(command, project, surroundings())
    if not done.output:  # Refused, with the exit code that deviations have, too.
        raise RefusalError(done.last)
    found = json.loads(done.output)["deviations"]
    return [one["path"] for one in found if not one["reason"]]


def compared(project: Path, pristine: Path) -> list[str]:
    """Compare a project of a release that could not say so yet."""
    given_once = seeded()
    return [
        name
        for path in sorted(pristine.rglob("*"))
        if path.is_file() and (name := path.relative_to(pristine).as_posix())
        if name not in given_once and deviates(path, project / name)
    ]


def seeded() -> set[str]:
    """Name what is given once, and then the project's."""
    return {
        path.lstrip("/")
        for document in documents()
        for path in document.get("_skip_if_exists", [])
    }


def deviates(written: Path, found: Path) -> bool:
    """Say whether a file is missing, or changed above the lines of the project."""
    if not found.is_file():
        return True
    if written.read_bytes() == found.read_bytes():
        return False
    old, new = (
        VERSION.sub(b"", it.read_bytes()).split(b"\n") for it in (written, found)
    )
    changes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return any(
        kind != "equal" and not (kind == "insert" and below_anchor(old, line))
        for kind, line, *_ in changes
    )


def below_anchor(lines: list[bytes], line: int) -> bool:
    """Say whether what is inserted there stands right below an anchor."""
    above = [text for text in lines[:line] if text.strip()]
    return bool(above) and ANCHOR.search(above[-1]) is not None
