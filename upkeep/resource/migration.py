"""The migration of a resource: generated on a temporary SQLite file."""

import os
import re
import subprocess  # nosec B404
import sys
from pathlib import Path

from upkeep.errors import RefusedError
from upkeep.git import ROOT
from upkeep.resource.names import MAX_LENGTH

VERSIONS = "alembic/versions"
SCRIPT = Path(__file__).with_name("autogenerate.py")
REVISION = re.compile(r"^revision\b.*= (.*)$", re.MULTILINE)
UPGRADE = re.compile(r"^def upgrade.*?(?=^def |\Z)", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"""(?<=["'])\w+(?=["'])""")


def generate(place: Path, plural: str, tables: list[str]) -> str:
    """Write the migration in a copy of the project. Returns its path there.

    Raises RefusedError if the models or migrations of the project have an error.
    """
    url = f"sqlite+aiosqlite:///{place.parent / 'empty.db'}"
    arguments = [url, f"add {plural}", *tables]
    done = subprocess.run(  # nosec B603
        # Without the folder of the script on the path: its modules have common names.
        [sys.executable, "-P", str(SCRIPT), *arguments],
        cwd=place,
        env=os.environ | {"DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RefusedError(f"no migration could be generated: {reason(done.stderr)}")
    path = Path(done.stdout.splitlines()[-1]).resolve()
    check_lengths(path.read_text(encoding="utf-8"))
    return path.relative_to(place).as_posix()


def reason(errors: str) -> str:
    """Return the last line of an error, and the last file of the project before it."""
    last = (errors.strip().splitlines() or ["Alembic failed"])[-1]
    if "Multiple head" in last:
        return "there are two heads: .venv/bin/alembic merge heads"
    files = re.findall(r'File ".*/project/((?:app|alembic)/.*)", line (\d+)', errors)
    place = f"{files[-1][0]}, line {files[-1][1]}: " if files else ""
    return place + last.removeprefix("Alembic: ")


def check_lengths(text: str) -> None:
    """Refuse names that PostgreSQL would cut."""
    for name in NAME.findall(text):
        if len(name) > MAX_LENGTH:
            raise RefusedError(
                f"{name} is longer than the {MAX_LENGTH} bytes of PostgreSQL: choose a"
                " shorter NAME, PLURAL or field"
            )


def upgrade(text: str) -> str:
    """Return the upgrade of a migration."""
    match = UPGRADE.search(text)
    return match[0].rstrip() if match else text


def revision(text: str) -> str:
    """Return the ID of a migration, in quotes."""
    match = REVISION.search(text)
    return match[1] if match else ""


def followers(path: str) -> list[str]:
    """Return the migrations that follow one: they name its ID."""
    own = revision((ROOT / path).read_text(encoding="utf-8"))
    return [
        other.as_posix()
        for other in sorted((ROOT / VERSIONS).rglob("*.py"))
        if other.as_posix() != path and own in other.read_text(encoding="utf-8")
    ]
