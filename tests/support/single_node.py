"""A machine of its own: a service, its SQLite file, and whoever else has it open."""

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from httpx2 import AsyncClient

from extensions.serving import environment
from tests.support.service import ITEMS, Service, running, sign_in

# Processes that sign with one key understand each other.
KEY = "known to everybody who reads this line"  # pragma: allowlist secret


@dataclass(frozen=True)
class Node:
    """A project, and the folder in which it keeps its file."""

    project: Path
    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "app.db"

    @property
    def programs(self) -> Path:
        """Where the project's own programs are."""
        return self.project / ".venv" / "bin"

    def variables(self, **more: str) -> dict[str, str]:
        """Give the variables of a service; it does not linger when it ends."""
        url = f"sqlite+aiosqlite:///{self.file}"
        chosen = {"SECRET_KEY": KEY, "SHUTDOWN_DRAIN_SECONDS": "0"} | more
        return environment(url, **chosen)

    def migrating(self) -> subprocess.Popen[bytes]:
        """Begin to migrate."""
        command = [str(self.programs / "alembic"), "upgrade", "head"]
        return subprocess.Popen(command, cwd=self.project, env=self.variables())

    @contextmanager
    def serving(self, **more: str) -> Iterator[Service]:
        """Start the service, all its processes, and end it."""
        log = self.folder / f"{next(self.numbers)}.log"
        with running(self.project, log, self.variables(**more)) as service:
            try:
                yield service
            finally:
                if service.process.poll() is None:
                    service.end(seconds=60)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Write as another process does, and take it back in the end."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the file itself."""
        return rows(self.file, query)


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    """Ask a file that nobody else has to know."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


@asynccontextmanager
async def writer(service: Service) -> AsyncIterator[AsyncClient]:
    """Give a client that may write."""
    async with service.client(timeout=60) as client:
        client.headers.update(await sign_in(client, "writer"))
        yield client


async def create(client: AsyncClient, names: list[str]) -> list[int]:
    """Create items, all at once, and give what was answered."""
    sent = [client.post(ITEMS, json={"name": n, "tags": ["a", "b"]}) for n in names]
    return [answer.status_code for answer in await asyncio.gather(*sent)]


def many(number: int, prefix: str = "item") -> list[str]:
    """Make up names."""
    return [f"{prefix} {n}" for n in range(number)]


def migrate_at_once(node: Node) -> None:
    """Let eight processes migrate an empty file, and note how each ended."""
    node.folder.mkdir()
    ended = [one.wait(300) for one in [node.migrating() for _ in range(8)]]
    node.folder.joinpath("ended").write_text("".join(map(str, ended)), encoding="utf-8")
