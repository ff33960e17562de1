"""The graceful shutdown, from SIGTERM to the end of the process."""

import asyncio
import json
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from app.core.config import LogSettings, ShutdownSettings
from app.core.drain import Drain
from app.core.logging import configure_logging

NO_DRAIN = ShutdownSettings(drain_seconds=0)
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


@contextmanager
def hanging_request(drain: Drain) -> Generator[asyncio.Task[bool]]:
    """Start a request that never ends."""
    request = asyncio.create_task(drain.track(asyncio.sleep(60)))
    try:
        yield request
    finally:
        request.cancel()


async def test_server_gets_sigterm_after_the_drain(server: Server) -> None:
    drain = Drain(NO_DRAIN)

    with drain.on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(server.signalled.wait(), 1)

    assert drain.started
    assert signal.getsignal(signal.SIGTERM) == server.handle_exit


async def test_requests_are_cancelled_when_the_grace_is_over(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(LogSettings(), readable=False)
    drain = Drain(NO_GRACE)

    with drain.on_sigterm(), hanging_request(drain) as request:
        assert await drain.track(asyncio.sleep(0))
        signal.raise_signal(signal.SIGTERM)

        assert await asyncio.wait_for(request, 1) is False
        assert request.cancelling() == 0

    _, cancelled = map(json.loads, capsys.readouterr().out.splitlines())
    assert (cancelled["event"], cancelled["count"]) == ("requests cancelled", 1)
