"""Where a test run keeps its data: in a file of its own."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

# Where no database is, and how little a test waits for one.
NOWHERE = ["sqlite+aiosqlite:////nowhere/at/all.db"]
IMPATIENT = {"pool_size": 2, "pool_timeout": 0.05, "busy_timeout": 0.2}


@contextmanager
def new_database(folder: Path) -> Generator[str]:
    """Name an empty database; it goes away with its folder."""
    yield f"sqlite+aiosqlite:///{folder}/test.db"
