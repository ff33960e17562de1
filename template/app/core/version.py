"""The version of the project, as pyproject.toml has it."""

import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def read_version() -> str:
    """Return the version; `unknown` where only `app` is installed."""
    if not PYPROJECT.exists():
        return "unknown"
    return str(tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["version"])


# Read at the import, because reading a file would block a running event loop.
VERSION = read_version()
