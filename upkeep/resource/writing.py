"""Writes a resource into a copy of the project: `draft`; then into it: `store`."""

import subprocess  # nosec B404
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from upkeep.errors import RefusedError
from upkeep.git import ROOT
from upkeep.resource import migration, scratch
from upkeep.resource.registration import Registration

SCHEMA = "openapi.json"


@dataclass(frozen=True)
class Draft:
    """What a resource adds to the project.

    Attributes:
        new: The texts of its own files, the migration included.
        changed: The texts of the shared files in which it is registered.
        migration: The path of its migration.
    """

    new: dict[str, str]
    changed: dict[str, str]
    migration: str


def draft(place: Path, registration: Registration, files: dict[str, str]) -> Draft:
    """Write a resource into a copy of the project. Raises RefusedError."""
    scratch.write(place, files)
    changed = registration.add(place)
    tables = [*registration.classes.values()]
    path = migration.generate(place, registration.resource.plural, tables)
    format_code(place, [*files, *changed, path])
    changed += write_schema(place)
    return Draft(
        new={name: read(place, name) for name in [*files, path]},
        changed={name: read(place, name) for name in changed},
        migration=path,
    )


def format_code(place: Path, names: Iterable[str]) -> None:
    """Format modules as `make format` does."""
    modules = [name for name in names if name.endswith(".py")]
    run(place, "isort", "--quiet", *modules)
    # --fast: no check that black keeps the meaning, which takes as long as formatting.
    run(place, "black", "--fast", "--quiet", *modules)


def write_schema(place: Path) -> list[str]:
    """Write the schema of the API as `make openapi` does. Returns its path.

    The list is empty for a project without the file, or of a release before it.
    """
    if not all((place / name).exists() for name in (SCHEMA, "standards/contract.py")):
        return []
    for name in ("tests/__init__.py", "tests/factories.py", SCHEMA):
        if (ROOT / name).exists():
            text = read(ROOT, name)
            # It is a link to the file of the project.
            (place / name).unlink(missing_ok=True)
            scratch.write(place, {name: text})
    run(place, "standards.contract", "--write")
    return [SCHEMA]


def run(place: Path, module: str, *arguments: str) -> None:
    """Run a module in a copy of the project. Raises RefusedError if it fails."""
    done = subprocess.run(  # nosec B603
        [sys.executable, "-m", module, *arguments],
        cwd=place,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["failed"])[-1]
        raise RefusedError(f"{module}: {last}")


def read(place: Path, name: str) -> str:
    """Return the text of a file."""
    return (place / name).read_text(encoding="utf-8")


def store(files: dict[str, str | None]) -> None:
    """Write files into the project, or delete them; all of them, or none.

    Args:
        files: Paths with their new texts, None for files to delete.
    """
    before = {
        name: (ROOT / name).read_bytes() if (ROOT / name).exists() else None
        for name in files
    }
    try:
        for name, text in files.items():
            put(ROOT / name, None if text is None else text.encode())
    except BaseException:
        for name, content in before.items():
            put(ROOT / name, content)
        raise


def put(file: Path, content: bytes | None) -> None:
    """Write a file, or delete it with the folders that are empty then."""
    if content is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == ROOT or not folder.exists() or any(folder.iterdir()):
            return
        folder.rmdir()
