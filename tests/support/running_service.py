"""A service on its worst day: what can be done to it and to its database."""

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
from tests.support.service import ITEMS, Service, running, sign_in

LIVE = "/health/live"
DONE = "-- done --"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
END_WAITING = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"
END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# How long a condition may take to become true; no test waits for the end of it.
PATIENCE = 120.0


class Console:
    """Somebody else's session in the service's database."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Speak through a process of psql."""
        assert process.stdin is not None and process.stdout is not None
        self._says, self._hears = process.stdin, process.stdout

    def rows(self, statement: str) -> list[str]:
        """Run SQL to its end and give the rows; an error ends the session."""
        self._says.write(f"{statement};\n\\echo {DONE}\n")
        self._says.flush()
        found = []
        while (line := self._hears.readline()) != f"{DONE}\n":
            assert line, f"failed: {statement}"
            found.append(line.rstrip("\n"))
        return found

    async def until_waiting(self, number: int) -> None:
        """Wait until so many wait for a lock. Statistics would stand still."""
        await until(lambda: self.rows(WAITING) == [str(number)])

    def end_the_waiting(self) -> None:
        """End the connections of whoever waits for a lock."""
        self.rows(END_WAITING)


@dataclass(frozen=True)
class Patient:
    """A service and its database server."""

    service: Service
    server: Server
    url: str

    @contextmanager
    def console(self) -> Iterator[Console]:
        """Open a session; what it holds is given back in the end."""
        program = [f"{self.server.programs}/psql", "-XqAt", "-vON_ERROR_STOP=1"]
        pipe = subprocess.PIPE
        address = self.url.replace("+asyncpg", "")
        with subprocess.Popen(
            [*program, address], stdin=pipe, stdout=pipe, text=True
        ) as process:
            yield Console(process)

    @contextmanager
    def locked(self, table: str = "items") -> Iterator[Console]:
        """Keep everybody else out of a table."""
        with self.console() as console:
            console.rows(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield console

    @contextmanager
    def away(self, mode: str = "fast") -> Iterator[None]:
        """Stop the server, and start it again."""
        self.server.down(mode)
        try:
            yield
        finally:
            self.server.up()

    def execute(self, statement: str) -> None:
        """Run SQL in a session of its own."""
        with self.console() as console:
            console.rows(statement)

    def causes(self) -> list[str]:
        """List what the log names as causes."""
        return [line["cause"] for line in self.service.records() if "cause" in line]


@dataclass
class Ward:
    """Takes in services of one project, on one server."""

    project: Path
    server: Server
    logs: Path
    stack: ExitStack
    numbers: Iterator[int] = field(default_factory=count)

    def admit(self, role: str = "postgres", **variables: str) -> Patient:
        """Start a service on a database of its own."""
        url = self.server.database()
        migrate(self.project, environment(url))
        chosen = environment(url.replace("postgres@", f"{role}@"), **variables)
        return Patient(self.start(chosen), self.server, url)

    def start(self, variables: Mapping[str, str], path: str = READY) -> Service:
        """Start a service, and wait until a path is answered with 200."""
        log = self.logs / f"{next(self.numbers)}.log"
        return self.stack.enter_context(running(self.project, log, variables, path))


def answers(service: Service, path: str) -> bool:
    """Say whether a path is answered with 200."""
    try:
        return service.get(path).status_code == 200
    except HTTPError:
        return False


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    seconds: float
    body: dict[str, Any]

    @property
    def error(self) -> str:
        """The code of a refusal."""
        return str(self.body.get("error", ""))


async def ask(client: AsyncClient, method: str, path: str, **members: Any) -> Answer:
    """Send one request; every refusal is a problem, a 503 says when to come back."""
    started = time.monotonic()
    answer = await client.request(method, path, json=members or None)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) >= 1
    return Answer(answer.status_code, time.monotonic() - started, answer.json())


async def until(question: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(PATIENCE):
        while not question():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def writer(patient: Patient) -> AsyncIterator[AsyncClient]:
    """Give a client that may write, its connections to the database warm."""
    async with patient.service.client(timeout=PATIENCE) as client:
        client.headers.update(await sign_in(client, "writer"))
        await asyncio.gather(*[client.get(ITEMS) for _ in range(10)])
        yield client
