"""Compiles the lock files of pip from pyproject.toml, or checks that they match it."""

import hashlib
import json
import shutil
import sys
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

# Dependencies of the service; dependencies with the development tools.
RUNTIME = Path("requirements.txt")
EVERYTHING = Path("requirements-dev.txt")
HEAD = "# Written by `make lock` from pyproject.toml, whose requirements are {}.\n"
# Without the URL of an index and without local paths; pip itself is locked, too.
OPTIONS = """
--quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-options --no-header
""".split()


def read() -> tuple[list[str], str]:
    """Return the development tools, and a hash of all requirements."""
    asked = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    project, tools = asked["project"], asked["dependency-groups"]["dev"]
    requirements = [project["requires-python"], project["dependencies"], tools]
    return tools, hashlib.sha256(json.dumps(requirements).encode()).hexdigest()


def resolve(lock: Path, *sources: str) -> None:
    """Compile a lock file, and keep the versions that are in it already."""
    # Imported here: locks are checked before pip-tools is installed.
    from piptools.scripts.compile import cli

    arguments = [*OPTIONS, "--output-file", str(lock), *sources]
    cli(arguments, standalone_mode=False)


def trust_index_hashes() -> None:
    """Take hashes from the index, as pip does; pip-tools would download each file."""
    from piptools.repositories import PyPIRepository

    download: Any = vars(PyPIRepository)["_get_file_hash"]

    def file_hash(self: PyPIRepository, link: Any) -> str:
        if link.hash_name == "sha256":
            return f"sha256:{link.hash}"
        return str(download(self, link))

    PyPIRepository._get_file_hash = file_hash  # type: ignore[method-assign]


def write(*options: str) -> None:
    """Write both locks; the service gets the versions that its tests run with.

    Args:
        options: Of pip-compile, such as `--upgrade-package starlette`.
    """
    tools, fingerprint = read()
    trust_index_hashes()
    sys.stdin = StringIO("\n".join(tools))
    resolve(EVERYTHING, *options, "pyproject.toml", "-")
    shutil.copy(EVERYTHING, RUNTIME)
    resolve(RUNTIME, "pyproject.toml")
    for lock in (EVERYTHING, RUNTIME):
        text = HEAD.format(fingerprint) + lock.read_text(encoding="utf-8")
        lock.write_text(text, encoding="utf-8")


def check() -> str | None:
    """Return why the locks are stale, or None if they match."""
    head = HEAD.format(read()[1])
    stale = [
        str(lock)
        for lock in (EVERYTHING, RUNTIME)
        if not lock.read_text(encoding="utf-8").startswith(head)
    ]
    if stale:
        return f"stale against pyproject.toml, run make lock: {' '.join(stale)}"
    return None


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(check())
    write(*sys.argv[1:])
