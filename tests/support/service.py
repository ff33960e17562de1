"""A generated service that runs as a process, and clients of it."""

import json
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, Client, Response

from extensions.serving import READY, serving

# The password of the accounts that tests create.
PASSWORD = "correct horse battery"  # nosec B105  # pragma: allowlist secret
ITEMS = "/api/v1/items"


@dataclass
class Service:
    """A running process, its base URL and its log file."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def client(self, timeout: float = 20.0) -> AsyncClient:
        """Return a client for concurrent requests."""
        return AsyncClient(base_url=self.url, timeout=timeout)

    def get(self, path: str, **options: Any) -> Response:
        """Send one GET request over a new connection."""
        with Client(base_url=self.url, timeout=20.0) as client:
            return client.get(path, **options)

    def records(self) -> list[dict[str, Any]]:
        """Return the log records; a line that is not a JSON object fails the test."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [dict(json.loads(line)) for line in lines]

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 15) -> int:
        """Send a signal, wait for the process to exit, and return its status."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextmanager
def running(
    project: Path, log: Path, variables: Mapping[str, str], ready: str = READY
) -> Iterator[Service]:
    """Run a service with plain uvicorn, as the contract describes."""
    with serving(project, variables, log=log, ready=ready) as served:
        yield Service(served.process, served.url, log)


async def log_in(client: AsyncClient, name: str) -> dict[str, str]:
    """Register a user, log in, and return the Authorization header."""
    email = f"{name}@example.com"
    new = {"email": email, "password": PASSWORD}
    registered = await client.post("/api/v1/auth/register", json=new)
    assert registered.status_code in (201, 409), registered.text
    form = {"username": email, "password": PASSWORD}
    response = await client.post("/api/v1/auth/token", data=form)
    return {"Authorization": f"Bearer {response.json()['access_token']}"}
