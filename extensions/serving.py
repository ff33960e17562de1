"""Starts a service as a process of its own, and ends it."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client, HTTPError

SECONDS = 20.0
FACTORY = ("app.main:create_app", "--factory")


@dataclass(frozen=True)
class Serving:
    """A process, and where it listens."""

    process: subprocess.Popen[bytes]
    url: str

    def wait(self, path: str, seconds: float = SECONDS) -> None:
        """Wait for the first 200 of a path. Raises TimeoutError."""
        end = time.monotonic() + seconds
        with Client(base_url=self.url) as client:
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    if client.get(path).status_code == 200:
                        return
                except HTTPError:
                    pass
                time.sleep(0.01)
        raise TimeoutError(f"{path} did not answer 200")


@contextmanager
def serving(
    project: Path,
    variables: Mapping[str, str],
    *,
    target: Sequence[str] = FACTORY,
    ready: str = "/health/ready",
    output: int | None = subprocess.DEVNULL,
) -> Iterator[Serving]:
    """Run uvicorn of a project's environment, plainly, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uvicorn = str(project / ".venv/bin/uvicorn")
    process = subprocess.Popen(
        [uvicorn, *target, f"--port={port}"],
        cwd=project,
        env=dict(variables),
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
    )
    try:
        started = Serving(process, f"http://127.0.0.1:{port}")
        started.wait(ready)
        yield started
    finally:
        process.kill()
        process.wait()
