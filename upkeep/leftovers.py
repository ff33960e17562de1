"""Removes the data of the update tools that projects of the releases 0.4 contained.

An update by those tools deletes their code, and reads these files until it ends.
"""

import hashlib
import shutil

from upkeep.allowed_drift import OLD
from upkeep.git import ROOT

FILES = ("upkeep/ownership.yml", "upkeep/releases.md")
# The checksum of the list of allowed deviations as it was rendered, without entries.
EMPTY = "ebe21d3bd685db56"  # pragma: allowlist secret


def remove() -> None:
    """Remove them; a list of deviations that people wrote stays, and is read."""
    for name in FILES:
        (ROOT / name).unlink(missing_ok=True)
    written = ROOT / OLD
    if written.exists() and digest(written.read_bytes()) == EMPTY:
        written.unlink()
    folder = written.parent
    if folder.is_dir() and all(it.name == "__pycache__" for it in folder.iterdir()):
        shutil.rmtree(folder)


def digest(content: bytes) -> str:
    """Return a checksum of a file."""
    return hashlib.sha256(content).hexdigest()[:16]
