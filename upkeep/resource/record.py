"""Remembers what was written for a resource, in the git folder of the project.

So `--remove` knows whether a file was edited since.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from upkeep import git


@dataclass(frozen=True)
class Record:
    """What was written for a resource.

    Attributes:
        plural: The plural of its name.
        migration: The path of the migration.
        digests: The digest of each new file.
    """

    plural: str
    migration: str
    digests: dict[str, str]


def place(name: str) -> Path:
    """Return the file of a resource, which stays when an update ends."""
    return git.project_folder("upkeep/resources") / f"{name}.json"


def write(name: str, record: Record) -> None:
    """Write the record of a resource."""
    file = place(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(record)), encoding="utf-8")


def read(name: str) -> Record | None:
    """Return the record of a resource, or None if this clone has none."""
    file = place(name)
    return Record(**json.loads(file.read_bytes())) if file.exists() else None


def forget(name: str) -> None:
    """Delete the record of a resource."""
    place(name).unlink(missing_ok=True)


def digest(text: str) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(text.encode()).hexdigest()
