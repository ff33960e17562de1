"""Large and deeply nested bodies are refused, and memory stays flat."""

import re
import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from httpx2 import Client

from extensions.postgresql import Server
from extensions.serving import environment, migrate
from tests.support.fixture_types import Project
from tests.support.service import ITEMS, Service, running

MEGABYTE = 1 << 20
SENT = 100
# Allowed growth of the peak resident memory in kB: while 600 MB are rejected, and while
# 100 bodies of 1 MB are read, some of which wait for the garbage collector.
REFUSED, READ = 8 * 1024, 48 * 1024
TOKENS = "/api/v1/auth/token"
# The beginning of a multipart form; other kinds of bodies are read when complete.
START = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n'
BODIES = [
    (place, kind, declared)
    for place, kind in [
        (ITEMS, "application/json"),
        (TOKENS, "application/x-www-form-urlencoded"),
        (TOKENS, "multipart/form-data; boundary=x"),
    ]
    for declared in (True, False)
]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak is read from /proc"
)


@pytest.fixture
def service(project: Project, postgresql: Server, tmp_path: Path) -> Iterator[Service]:
    """Start a service, and warm it up with one body of each kind."""
    variables = environment(postgresql.database())
    migrate(project(), variables)
    with running(project(), tmp_path / "log", variables) as service:
        for body in BODIES:
            assert send(service, *body, megabytes=2)
        assert deep(service, 1) == {400}
        yield service


def peak(service: Service) -> int:
    """Return the peak resident memory of the process in kB."""
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1])


def send(
    service: Service, place: str, kind: str, declared: bool, megabytes: int = SENT
) -> str:
    """Send a whole body, even after an early response; return the response."""
    block = START.ljust(MEGABYTE, b"x")
    length = f"Content-Length: {megabytes * MEGABYTE}"
    if not declared:
        block = b"%x\r\n%b\r\n" % (MEGABYTE, block)
        length = "Transfer-Encoding: chunked"
    lines = [f"POST {place} HTTP/1.1", "Host: x", f"Content-Type: {kind}", length]
    url = urlsplit(service.url)
    response = b""
    with socket.create_connection((url.hostname, url.port), timeout=60) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        try:
            for _ in range(megabytes):
                line.sendall(block)
                if not response and select.select([line], [], [], 0)[0]:
                    response = line.recv(65536)
            response = response or line.recv(65536)
        except ConnectionError:
            pass  # The door is closed: what was answered before counts.
    return response.decode()


def deep(service: Service, times: int) -> set[int]:
    """Send JSON with a million nested lists; return the status codes."""
    kind = {"Content-Type": "application/json"}
    with Client(base_url=service.url, timeout=20.0) as client:
        body = b"[" * 1_000_000
        sent = [client.post(ITEMS, content=body, headers=kind) for _ in range(times)]
    return {response.status_code for response in sent}


def test_large_bodies_are_rejected_and_memory_stays_flat(service: Service) -> None:
    before = peak(service)

    with ThreadPoolExecutor(len(BODIES)) as senders:
        sent = [senders.submit(send, service, *body) for body in BODIES]
        answers = [one.result() for one in sent]

    heads = {response.split("\r\n", 1)[0] for response in answers}
    assert heads == {"HTTP/1.1 413 Content Too Large"}
    assert all("application/problem+json" in response for response in answers)
    grown = peak(service) - before
    assert grown < REFUSED
    assert service.get("/health/ready").status_code == 200


def test_deep_bodies_are_rejected_and_memory_stays_flat(service: Service) -> None:
    before = peak(service)

    assert deep(service, 100) == {400}
    grown = peak(service) - before
    assert grown < READ
