"""The graceful shutdown, from SIGTERM to the end of the process."""

import asyncio
import json
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType

import pytest

from app.core import drain as drain_module
from app.core.config import LogSettings, ShutdownSettings
from app.core.context import request_id
from app.core.drain import Drain
from app.core.logging import configure_logging

NO_DRAIN = ShutdownSettings(drain_seconds=0)
LONG_DRAIN = ShutdownSettings(drain_seconds=60)
# Without validation, which requires a second or more.
NO_GRACE = ShutdownSettings.model_construct(drain_seconds=0, grace_seconds=0)


class Server:
    """A server that handles SIGTERM, as uvicorn does."""

    def __init__(self) -> None:
        self.signalled = asyncio.Event()

    def handle_exit(self, number: int, frame: FrameType | None) -> None:
        self.signalled.set()


@pytest.fixture(autouse=True)
def restore_handler() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
async def server() -> Server:
    server = Server()
    signal.signal(signal.SIGTERM, server.handle_exit)
    return server


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Record a forced end of the process instead of ending it."""
    recorded: list[bool] = []
    monkeypatch.setattr(drain_module, "end_process", lambda: recorded.append(True))
    return recorded


@contextmanager
def hanging_request(drain: Drain) -> Generator[asyncio.Task[bool]]:
    """Start a request that never ends."""
    request = asyncio.create_task(drain.track(asyncio.sleep(60)))
    try:
        yield request
    finally:
        request.cancel()


async def test_second_signal_ends_the_drain_at_once(server: Server) -> None:
    with Drain(LONG_DRAIN).on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(server.signalled.wait(), 1)


async def test_shutdown_is_logged_without_a_request_id(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(LogSettings(), readable=False)
    request_id.set("of-a-request")

    with Drain(NO_DRAIN).on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(server.signalled.wait(), 1)

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["event"] == "draining"
    assert "request_id" not in line


async def test_requests_get_their_grace_after_the_drain(server: Server) -> None:
    drain = Drain(NO_DRAIN)

    with drain.on_sigterm(), hanging_request(drain) as request:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(server.signalled.wait(), 1)
        await asyncio.sleep(0.01)

        assert not request.done()


async def test_process_exits_when_the_server_does_not(
    server: Server, exits: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "EXIT_SECONDS", 0)

    with Drain(NO_GRACE).on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(1):
            while not exits:
                await asyncio.sleep(0)

    assert exits == [True]


async def test_process_does_not_exit_after_the_lifespan(
    server: Server, exits: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "EXIT_SECONDS", 0.01)

    with Drain(NO_GRACE).on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(server.signalled.wait(), 1)
    await asyncio.sleep(0.02)

    assert exits == []


async def test_cancellation_without_a_shutdown_is_raised() -> None:
    with hanging_request(Drain(NO_GRACE)) as request:
        await asyncio.sleep(0)
        request.cancel()

        with pytest.raises(asyncio.CancelledError):
            await request


async def test_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

    with Drain(NO_DRAIN).on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)

        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


async def test_handler_of_the_server_is_restored(server: Server) -> None:
    with Drain(NO_DRAIN).on_sigterm():
        assert signal.getsignal(signal.SIGTERM) != server.handle_exit

    assert signal.getsignal(signal.SIGTERM) == server.handle_exit


async def test_other_threads_leave_the_handler_unchanged(server: Server) -> None:
    unchanged: list[bool] = []

    def run() -> None:
        with Drain(NO_DRAIN).on_sigterm():
            unchanged.append(signal.getsignal(signal.SIGTERM) == server.handle_exit)

    # A new thread: coverage does not measure threads that started before it.
    thread = Thread(target=run)
    thread.start()
    await asyncio.to_thread(thread.join)

    assert unchanged == [True]


async def test_server_keeps_running_during_the_drain(server: Server) -> None:
    drain = Drain(LONG_DRAIN)

    with drain.on_sigterm(), hanging_request(drain) as request:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)

        assert drain.started
        assert not server.signalled.is_set()
        assert not request.done()
