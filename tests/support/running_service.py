"""Services with a PostgreSQL of their own, and the faults to inject into both."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, HTTPError

from extensions.postgresql import Server
from extensions.serving import READY, environment, migrate
from tests.support.service import ITEMS, Service, log_in, running

LIVE = "/health/live"
DONE = "-- done --"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
END_WAITING = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# Timeout for a condition to become true; a passing test never reaches it.
PATIENCE = 120.0


class Console:
    """A second session in the database of the service, run by psql."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Use the pipes of a psql process."""
        assert process.stdin is not None and process.stdout is not None
        self._input, self._output = process.stdin, process.stdout

    def rows(self, statement: str) -> list[str]:
        """Run a statement and return its rows. An error ends the session."""
        self._input.write(f"{statement};\n\\echo {DONE}\n")
        self._input.flush()
        found = []
        while (line := self._output.readline()) != f"{DONE}\n":
            assert line, f"failed: {statement}"
            found.append(line.rstrip("\n"))
        return found

    async def until_waiting(self, number: int) -> None:
        """Wait until `number` sessions wait for a lock.

        Reads pg_locks: pg_stat_activity is a snapshot within a transaction.
        """
        await until(lambda: self.rows(WAITING) == [str(number)])

    def end_the_waiting(self) -> None:
        """Terminate the sessions that wait for a lock."""
        self.rows(END_WAITING)


@contextmanager
def console(server: Server, url: str) -> Iterator[Console]:
    """Open a session; its locks are released at the end."""
    program = [f"{server.programs}/psql", "-XqAt", "-vON_ERROR_STOP=1"]
    pipe = subprocess.PIPE
    address = url.replace("+asyncpg", "")
    with subprocess.Popen(
        [*program, address], stdin=pipe, stdout=pipe, text=True
    ) as process:
        yield Console(process)


@dataclass(frozen=True)
class RunningService:
    """A service and its database server."""

    service: Service
    server: Server
    url: str

    @contextmanager
    def console(self) -> Iterator[Console]:
        """Open a session; its locks are released at the end."""
        with console(self.server, self.url) as session:
            yield session

    @contextmanager
    def locked(self, table: str = "items") -> Iterator[Console]:
        """Hold an exclusive lock on a table."""
        with self.console() as console:
            console.rows(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield console

    @contextmanager
    def database_stopped(self, mode: str = "fast") -> Iterator[None]:
        """Stop the database server, and start it again at the end."""
        self.server.down(mode)
        try:
            yield
        finally:
            self.server.up()

    def execute(self, statement: str) -> None:
        """Run a statement in a new session."""
        with self.console() as console:
            console.rows(statement)

    def causes(self) -> list[str]:
        """Return the `cause` fields of the log."""
        return [line["cause"] for line in self.service.records() if "cause" in line]


@dataclass
class ServiceFactory:
    """Starts services of one project on one database server."""

    project: Path
    server: Server
    logs: Path
    stack: ExitStack
    numbers: Iterator[int] = field(default_factory=count)

    def start(self, role: str = "postgres", **variables: str) -> RunningService:
        """Start a service on a new, migrated database.

        Args:
            role: the database role that the service connects as.
            variables: further environment variables.
        """
        url = self.server.database()
        migrate(self.project, environment(url))
        chosen = environment(url.replace("postgres@", f"{role}@"), **variables)
        return RunningService(self.start_process(chosen), self.server, url)

    def start_process(self, variables: Mapping[str, str], path: str = READY) -> Service:
        """Start a process with these variables, and wait until `path` returns 200."""
        log = self.logs / f"{next(self.numbers)}.log"
        return self.stack.enter_context(running(self.project, log, variables, path))


def is_ok(service: Service, path: str) -> bool:
    """Return whether a GET of the path returns 200."""
    try:
        return service.get(path).status_code == 200
    except HTTPError:
        return False


@dataclass(frozen=True)
class TimedResponse:
    """A response and its latency in seconds."""

    status: int
    seconds: float
    body: dict[str, Any]

    @property
    def error(self) -> str:
        """The error code of a problem document, or an empty string."""
        return str(self.body.get("error", ""))


async def send(
    client: AsyncClient, method: str, path: str, **members: Any
) -> TimedResponse:
    """Send a request; errors must be problem documents, a 503 must have Retry-After."""
    started = time.monotonic()
    response = await client.request(method, path, json=members or None)
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
    if response.status_code == 503:
        assert int(response.headers["retry-after"]) >= 1
    return TimedResponse(
        response.status_code, time.monotonic() - started, response.json()
    )


async def until(condition: Callable[[], bool]) -> None:
    """Poll a condition until it is true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def writer(running_service: RunningService) -> AsyncIterator[AsyncClient]:
    """Open an authenticated client; the connection pool is filled first."""
    async with running_service.service.client(timeout=PATIENCE) as client:
        client.headers.update(await log_in(client, "writer"))
        await asyncio.gather(*[client.get(ITEMS) for _ in range(10)])
        yield client
