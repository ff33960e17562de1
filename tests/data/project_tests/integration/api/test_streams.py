"""Event streams and WebSockets of a service that runs as a process."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.requests import HTTPConnection
from fastapi.sse import EventSourceResponse
from httpx2 import Client, HTTPError, RemoteProtocolError  # noqa: I251
from sqlalchemy import literal, select
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection as Socket
from websockets.sync.client import connect

from app.api.deps import get_database
from app.core.errors import NotFoundError, UnavailableError
from app.core.logging import get_logger
from app.main import create_app

EVENTS, POLITE, HOLDING = "/streams/events", "/streams/polite", "/streams/holding"
ECHO, DEAF, EARLY = "/streams/echo", "/streams/deaf", "/streams/early"
ONE = select(literal(1))
LIMIT = 1000
log = get_logger(__name__)
router = APIRouter(prefix="/streams")


def fail(kind: str) -> None:
    """Raise the error that a client asks for."""
    if kind == "missing":
        raise NotFoundError("There is no such thing.")
    if kind == "unavailable":
        raise UnavailableError("Try again.")
    if kind == "crash":
        raise ZeroDivisionError


async def query(connection: HTTPConnection) -> int:
    """Run a statement in a transaction, as a service does."""
    async with get_database(connection).begin() as transaction:
        return int(await transaction.fetchval(ONE))


@router.post("/events", response_class=EventSourceResponse)
@router.get("/events", response_class=EventSourceResponse)
async def stream_events(request: Request, kind: str = "") -> AsyncIterator[int]:
    while True:
        log.info("event")
        yield await query(request)
        fail(kind)
        await asyncio.sleep(0.05)


@router.get("/polite", response_class=EventSourceResponse)
async def stream_politely(request: Request) -> AsyncIterator[int]:
    while not request.app.state.drain.started:
        yield await query(request)
        await asyncio.sleep(0.05)


@router.get("/holding", response_class=EventSourceResponse)
async def hold_connection(request: Request) -> AsyncIterator[int]:
    async with get_database(request).begin() as transaction:
        while True:
            yield int(await transaction.fetchval(ONE))
            await asyncio.sleep(0.05)


@router.websocket("/echo")
async def echo(websocket: WebSocket, times: int = 1) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        log.info("message")
        fail(text)
        await websocket.send_text(text * times * await query(websocket))


@router.websocket("/deaf")
async def ignore_disconnect(websocket: WebSocket) -> None:
    await websocket.accept()
    while True:
        await asyncio.sleep(1)


@router.websocket("/closing")
async def crash_after_close(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close(4000, "bye")
    fail("crash")


@router.websocket("/early")
async def fail_early(websocket: WebSocket, kind: str) -> None:
    fail(kind)
    await websocket.close()


def create_streaming_app() -> FastAPI:
    """Create the application with the routes of this module."""
    app = create_app()
    app.include_router(router)
    return app


@dataclass
class Process:
    """A running service."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def client(self) -> Client:
        """Return a client."""
        return Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20)

    def connect(self, path: str, **headers: str) -> AbstractContextManager[Socket]:
        """Open a WebSocket."""
        url = f"ws://127.0.0.1:{self.port}{path}"
        return connect(url, additional_headers=headers, proxy=None)

    def records(self, **wanted: Any) -> list[Any]:
        """Return the log records with these fields."""
        lines = map(json.loads, self.log.read_text().splitlines())
        return [line for line in lines if wanted.items() <= line.items()]

    def await_record(self, **wanted: Any) -> Any:
        """Wait for the one log record with these fields."""
        return until(lambda: self.records(**wanted))[0]


def until(condition: Any) -> Any:
    """Wait until a condition is true."""
    end = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


@contextmanager
def serving(url: str, log: Path, **variables: str) -> Iterator[Process]:
    """Run plain uvicorn."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    target = f"{__name__}:{create_streaming_app.__name__}"
    command = [sys.executable, "-m", "uvicorn", target, "--factory", f"--port={port}"]
    limits = {"API_MAX_BODY_BYTES": f"{LIMIT}", "API_REQUEST_TIMEOUT": "1"}
    pool = {"DATABASE_POOL_SIZE": "1", "DATABASE_POOL_TIMEOUT": "0.5"}
    given = {"ENVIRONMENT": "test", "DATABASE_URL": url, **limits, **pool, **variables}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env={**os.environ, **given}, stdout=output, stderr=output
        ) as process,
    ):
        served = Process(process, port, log)
        try:
            until(lambda: is_ready(served))
            yield served
        finally:
            process.kill()


def is_ready(served: Process) -> bool:
    """Return whether the service is ready."""
    try:
        with served.client() as client:
            return client.get("/health/ready").is_success
    except HTTPError:
        return False


@pytest.fixture(scope="module")
def service(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    with serving(database_url, tmp_path_factory.mktemp("streams") / "log") as served:
        yield served


def close_frame(websocket: Socket, *texts: str) -> tuple[int, str]:
    """Send messages, and return the close frame of the server."""
    with pytest.raises(ConnectionClosed) as closed:
        for text in texts:
            websocket.send(text)
        while True:
            websocket.recv(10)
    assert closed.value.rcvd
    return closed.value.rcvd.code, closed.value.rcvd.reason


def test_event_stream_has_a_request_id_and_a_log_record(service: Process) -> None:
    headers = {"X-Request-ID": "sse-1"}
    with service.client() as client:
        with client.stream("GET", EVENTS, headers=headers) as response:
            lines = response.iter_lines()
            # Longer than a request may take to arrive.
            end = time.monotonic() + 2
            while time.monotonic() < end:
                assert next(lines) in ("data: 1", "")

    access = service.await_record(event="request", request_id="sse-1")
    assert response.headers["X-Request-ID"] == "sse-1"
    assert (access["route"], access["status"]) == (EVENTS, 200)
    assert access["duration_ms"] > 2000
    assert len(service.records(event="event", request_id="sse-1")) > 10


def test_websocket_has_a_request_id_and_a_log_record(service: Process) -> None:
    headers = {"X-Request-ID": "ws-1"}
    with service.connect(f"{ECHO}?times=2", **headers) as websocket:
        time.sleep(1.5)
        websocket.send("hi")
        assert websocket.recv(10) == "hihi"

    access = service.await_record(event="request", request_id="ws-1")
    assert websocket.response
    assert websocket.response.headers["X-Request-ID"] == "ws-1"
    assert (access["route"], access["method"]) == (ECHO, "WEBSOCKET")
    assert (access["path"], access["status"]) == (ECHO, 101)
    assert len(service.records(event="message", request_id="ws-1")) == 1


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("crash", (1011, "internal_error")),
        ("missing", (1008, "not_found")),
        ("unavailable", (1013, "unavailable")),
    ],
)
def test_error_closes_an_open_websocket(
    text: str, closed: tuple[int, str], service: Process
) -> None:
    name = f"open-{text}"
    with service.connect(ECHO, **{"X-Request-ID": name}) as websocket:
        assert close_frame(websocket, text) == closed

    service.await_record(event="request", request_id=name)
    crashes = service.records(event="crashed", request_id=name)
    assert len(crashes) == (text == "crash")
    assert all("ZeroDivisionError" in crash["exception"] for crash in crashes)
    assert len(service.records(level="error", request_id=name)) == len(crashes)


def test_crash_after_the_close_frame_is_logged(service: Process) -> None:
    with service.connect("/streams/closing", **{"X-Request-ID": "end"}) as websocket:
        assert close_frame(websocket) == (4000, "bye")

    service.await_record(event="crashed", request_id="end")


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        (f"{EARLY}?kind=crash", 500, "internal_error"),
        (f"{EARLY}?kind=missing", 404, "not_found"),
        (f"{ECHO}?times=many", 422, "invalid_request"),
    ],
)
def test_error_of_a_handshake_is_a_problem_document(
    path: str, status: int, error: str, service: Process
) -> None:
    name = f"early-{status}"
    with pytest.raises(InvalidStatus) as rejected:
        service.connect(path, **{"X-Request-ID": name}).__enter__()
    response = rejected.value.response
    problem = json.loads(bytes(response.body))

    service.await_record(event="request", request_id=name, status=status)
    errors = service.records(level="error", request_id=name)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, problem["error"]) == (status, error)
    assert problem["request_id"] == response.headers["X-Request-ID"] == name
    assert [record["event"] for record in errors] == ["crashed"] * (status == 500)


def test_rejected_handshake_is_403(service: Process) -> None:
    with pytest.raises(InvalidStatus) as rejected:
        service.connect(f"{EARLY}?kind=none", **{"X-Request-ID": "no"}).__enter__()

    assert rejected.value.response.status_code == 403
    service.await_record(event="request", request_id="no", status=403)


def test_message_larger_than_the_limit_closes_the_websocket(service: Process) -> None:
    with service.connect(ECHO) as websocket:
        websocket.send("x" * LIMIT)
        assert websocket.recv(10) == "x" * LIMIT
        assert close_frame(websocket, "x" * (LIMIT + 1))[0] == 1009


def test_larger_body_of_a_streaming_route_is_rejected(service: Process) -> None:
    with service.client() as client:
        response = client.post(EVENTS, content=b"x" * (LIMIT + 1))

    assert response.status_code == 413


def test_crash_of_a_stream_cuts_it_and_is_logged(service: Process) -> None:
    name = {"X-Request-ID": "cut"}
    with service.client() as client, pytest.raises(RemoteProtocolError):
        client.get(f"{EVENTS}?kind=crash", headers=name)

    service.await_record(event="crashed", request_id="cut")


def test_streams_hold_no_connection_of_the_pool(service: Process) -> None:
    with service.client() as client, client.stream("GET", EVENTS) as first:
        with service.connect(ECHO) as second, client.stream("GET", POLITE) as third:
            events = [stream.iter_lines() for stream in (first, third)]
            assert [next(lines) for lines in events] == ["data: 1"] * 2
            second.send("hi")
            assert second.recv(10) == "hi"


def test_transaction_of_a_stream_holds_a_connection(service: Process) -> None:
    with service.client() as client, client.stream("GET", HOLDING) as first:
        events = first.iter_lines()  # Without a reference, the client disconnects.
        assert next(events) == "data: 1"
        with service.connect(ECHO) as websocket:
            assert close_frame(websocket, "hi") == (1013, "overloaded")


def test_sigterm_ends_streams_and_websockets_within_the_grace(
    database_url: str, tmp_path: Path
) -> None:
    times = {"SHUTDOWN_DRAIN_SECONDS": "2", "SHUTDOWN_GRACE_SECONDS": "2"}
    with (
        serving(database_url, tmp_path / "log", **times) as service,
        service.client() as client,
        client.stream("GET", EVENTS) as endless,
        client.stream("GET", POLITE) as polite,
        service.connect(ECHO) as echoing,
        service.connect(DEAF) as deaf,
    ):
        events = endless.iter_lines()
        service.process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        until(lambda: client.get("/health/ready").status_code == 503)
        echoing.send("hi")
        drained = [echoing.recv(10), next(events), list(polite.iter_lines())[0]]
        with pytest.raises(RemoteProtocolError):
            list(events)
        seconds = time.monotonic() - started
        codes = [close_frame(echoing)[0], close_frame(deaf)[0]]
        status = service.process.wait(5)

    assert drained == ["hi", "data: 1", "data: 1"]
    assert codes == [1012, 1012]
    assert 3.5 < seconds < 5
    assert status == -signal.SIGTERM
    assert service.records(event="requests cancelled", count=2)
    assert not service.records(level="error")
    assert len(service.records(event="request", method="WEBSOCKET", status=101)) == 2
