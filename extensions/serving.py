"""Starts a service as a process of its own, and ends it."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client, HTTPError

NOWHERE = Path(os.devnull)
FACTORY = ("app.main:create_app", "--factory")
READY = "/health/ready"
# A busy machine starts one slowly; nobody waits for the end of it.
SECONDS = 120.0


@dataclass(frozen=True)
class Serving:
    """A process, and where it listens."""

    process: subprocess.Popen[bytes]
    url: str

    def answers(self, path: str) -> bool:
        """Wait until a path is answered with 200, or say that it never will be."""
        end = time.monotonic() + SECONDS
        with Client(base_url=self.url) as client:
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    if client.get(path).status_code == 200:
                        return True
                except HTTPError:
                    pass
                time.sleep(0.01)
        return False

    def megabytes(self) -> float:
        """Return the memory that it holds, in millions of bytes."""
        shown = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.check_output(shown)) * 1024 / 1e6


def environment(url: str, **more: str) -> dict[str, str]:
    """Give the variables of a service, and nothing of whoever starts it."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return bare | {"ENVIRONMENT": "test", "DATABASE_URL": url} | more


def migrate(project: Path, variables: Mapping[str, str]) -> None:
    """Bring a database up to date, as a deployment does."""
    command = [str(project / ".venv/bin/alembic"), "upgrade", "head"]
    subprocess.run(command, cwd=project, env=dict(variables), check=True)


@contextmanager
def serving(
    project: Path,
    variables: Mapping[str, str],
    *,
    log: Path = NOWHERE,
    ready: str = READY,
    target: Sequence[str] = FACTORY,
) -> Iterator[Serving]:
    """Run uvicorn of a project's environment, plainly, until the block ends.

    Raises RuntimeError, with the log, where a path is not answered with 200.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(project / ".venv/bin/uvicorn"), *target, f"--port={port}"]
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command, cwd=project, env=dict(variables), stdout=said, stderr=said
        ) as process,
    ):
        try:
            started = Serving(process, f"http://127.0.0.1:{port}")
            if not started.answers(ready):
                raise RuntimeError(f"{ready} is not 200: {log.read_text()}")
            yield started
        finally:
            process.kill()
