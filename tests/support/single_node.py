"""A deployment on one machine: a service with a SQLite file."""

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
from tests.support.service import ITEMS, Service, log_in, running

# All processes share the key, so that each accepts the tokens of the others.
KEY = "known to everybody who reads this line"  # pragma: allowlist secret


@dataclass(frozen=True)
class Node:
    """A project and the folder of its database file."""

    project: Path
    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def file(self) -> Path:
        """The path of the database file."""
        return self.folder / "app.db"

    @property
    def programs(self) -> Path:
        """The folder of the programs in the environment of the project."""
        return self.project / ".venv" / "bin"

    def variables(self, **more: str) -> dict[str, str]:
        """Return the environment of a service that shuts down at once."""
        url = f"sqlite+aiosqlite:///{self.file}"
        chosen = {"SECRET_KEY": KEY, "SHUTDOWN_DRAIN_SECONDS": "0"} | more
        return environment(url, **chosen)

    def migrating(self) -> subprocess.Popen[bytes]:
        """Start a migration as a process."""
        command = [str(self.programs / "alembic"), "upgrade", "head"]
        return subprocess.Popen(command, cwd=self.project, env=self.variables())

    @contextmanager
    def serving(self, **more: str) -> Iterator[Service]:
        """Run the service with all its processes."""
        log = self.folder / f"{next(self.numbers)}.log"
        with running(self.project, log, self.variables(**more)) as service:
            try:
                yield service
            finally:
                if service.process.poll() is None:
                    service.end(seconds=60)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the write lock of the file, as another process would."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Run a query on the file, without the service."""
        return rows(self.file, query)


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    """Run a query on a SQLite file."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


@asynccontextmanager
async def writer(service: Service) -> AsyncIterator[AsyncClient]:
    """Open an authenticated client."""
    async with service.client(timeout=60) as client:
        client.headers.update(await log_in(client, "writer"))
        yield client


async def create(client: AsyncClient, names: list[str]) -> list[int]:
    """Create items concurrently and return the status codes."""
    sent = [client.post(ITEMS, json={"name": n, "tags": ["a", "b"]}) for n in names]
    return [response.status_code for response in await asyncio.gather(*sent)]


def many(number: int, prefix: str = "item") -> list[str]:
    """Return distinct names."""
    return [f"{prefix} {n}" for n in range(number)]


def migrate_at_once(node: Node) -> None:
    """Migrate an empty file with eight processes at once; store their exit codes."""
    node.folder.mkdir()
    ended = [one.wait(300) for one in [node.migrating() for _ in range(8)]]
    node.folder.joinpath("ended").write_text("".join(map(str, ended)), encoding="utf-8")
