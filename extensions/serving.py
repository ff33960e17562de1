"""Starts a generated service as a process, and stops it."""

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
# The longest wait for the start, for a busy machine.
SECONDS = 120.0


@dataclass(frozen=True)
class Serving:
    """A server process and its URL."""

    process: subprocess.Popen[bytes]
    url: str

    def answers(self, path: str) -> bool:
        """Wait until a path returns 200; False if the process ends or on timeout."""
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
        """Return the resident memory of the process in MB."""
        shown = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.check_output(shown)) * 1024 / 1e6


def environment(url: str, **more: str) -> dict[str, str]:
    """Return the variables of a service, without those of this process."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return bare | {"ENVIRONMENT": "test", "DATABASE_URL": url} | more


def migrate(project: Path, variables: Mapping[str, str]) -> None:
    """Run the migrations."""
    command = [str(project / ".venv/bin/alembic"), "upgrade", "head"]
    subprocess.run(command, cwd=project, env=dict(variables), check=True)


@contextmanager
def serving(
    project: Path,
    variables: Mapping[str, str],
    *,
    log: Path = NOWHERE,
    ready: str | None = READY,
    target: Sequence[str] = FACTORY,
) -> Iterator[Serving]:
    """Run uvicorn of a project until the block ends.

    Raises RuntimeError, with the log, where the path `ready` is not answered with 200.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(project / ".venv/bin/uvicorn"), *target, f"--port={port}"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=project, env=dict(variables), stdout=output, stderr=output
        ) as process,
    ):
        try:
            started = Serving(process, f"http://127.0.0.1:{port}")
            if ready and not started.answers(ready):
                raise RuntimeError(f"{ready} is not 200: {log.read_text()}")
            yield started
        finally:
            process.kill()
