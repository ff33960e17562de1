"""A copy of the project in which a resource is written before it is one.

A failure, or Ctrl-C, leaves the project as it was.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upkeep.git import ROOT

# Folders that a resource changes; the others are links.
COPIED = ("alembic", "app", "docs")
LEFT_OUT = (".git", ".venv", "tests")
# The file of the tests that lists routes.
LISTED = Path("tests/open_routes.py")


@contextmanager
def copy() -> Iterator[Path]:
    """Copy what the models and migrations of the project need."""
    with tempfile.TemporaryDirectory(prefix="upkeep-") as folder:
        place = Path(folder).resolve() / "project"
        place.mkdir()
        for entry in ROOT.iterdir():
            if entry.name in COPIED:
                # With the times of the files, so that compiled ones stay valid.
                shutil.copytree(entry, place / entry.name)
            elif entry.name not in LEFT_OUT:
                (place / entry.name).symlink_to(entry.resolve())
        if (ROOT / LISTED).exists():
            (place / LISTED).parent.mkdir()
            shutil.copy2(ROOT / LISTED, place / LISTED)
        yield place


def write(place: Path, files: dict[str, str]) -> None:
    """Write files into a folder."""
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
