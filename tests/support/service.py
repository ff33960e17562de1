"""A generated service, running as a process of its own, and a client of it."""

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

# Of people who live as long as a test does.
PASSWORD = "correct horse battery"  # nosec B105  # pragma: allowlist secret
ITEMS = "/api/v1/items"


@dataclass
class Service:
    """A process, where it listens, and the file that it writes its log to."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def client(self, timeout: float = 20.0) -> AsyncClient:
        """Give a client for requests at the same time."""
        return AsyncClient(base_url=self.url, timeout=timeout)

    def get(self, path: str, **options: Any) -> Response:
        """Send one request over a connection of its own."""
        with Client(base_url=self.url, timeout=20.0) as client:
            return client.get(path, **options)

    def records(self) -> list[dict[str, Any]]:
        """Read the log; a line that is no JSON object fails."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [dict(json.loads(line)) for line in lines]

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 15) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextmanager
def running(
    project: Path, log: Path, variables: Mapping[str, str], ready: str = READY
) -> Iterator[Service]:
    """Start a service as the contract says, plainly, and end it."""
    with serving(project, variables, log=log, ready=ready) as served:
        yield Service(served.process, served.url, log)


async def sign_in(client: AsyncClient, name: str) -> dict[str, str]:
    """Register somebody and give the header that says so."""
    email = f"{name}@example.com"
    new = {"email": email, "password": PASSWORD}
    registered = await client.post("/api/v1/auth/register", json=new)
    assert registered.status_code in (201, 409), registered.text
    form = {"username": email, "password": PASSWORD}
    answer = await client.post("/api/v1/auth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
