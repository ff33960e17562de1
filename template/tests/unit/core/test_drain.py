"""What happens between SIGTERM and the end."""

import asyncio
import signal
from collections.abc import Iterator
from threading import Thread
from types import FrameType, SimpleNamespace

import pytest

from app.core.config import ShutdownSettings
from app.core.drain import Drain

AT_ONCE = ShutdownSettings(drain_seconds=0, grace_seconds=7)


class Server:
    """A server that has taken the signal for itself, as uvicorn does."""

    def __init__(self, grace: int | None = None) -> None:
        self.config = SimpleNamespace(timeout_graceful_shutdown=grace)
        self.told = asyncio.Event()

    def handle_exit(self, number: int, frame: FrameType | None) -> None:
        self.told.set()


@pytest.fixture(autouse=True)
def before() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


def serve(grace: int | None = None) -> Server:
    server = Server(grace)
    signal.signal(signal.SIGTERM, server.handle_exit)
    return server


async def test_the_server_is_told_when_the_moment_is_over() -> None:
    server, drain = serve(), Drain(AT_ONCE)

    with drain.on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(server.told.wait(), 1)

    assert drain.started


async def test_the_server_goes_on_while_traffic_is_sent_away() -> None:
    server, drain = serve(), Drain(ShutdownSettings(drain_seconds=60))

    with drain.on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)

        assert drain.started
        assert not server.told.is_set()


async def test_a_second_signal_ends_the_moment_of_waiting() -> None:
    server, drain = serve(), Drain(ShutdownSettings(drain_seconds=60))

    with drain.on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(server.told.wait(), 1)


async def test_without_a_server_the_signal_does_what_it_did_before() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

    with Drain(AT_ONCE).on_sigterm():
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)

        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


async def test_the_signal_is_given_back_in_the_end() -> None:
    server = serve()

    with Drain(AT_ONCE).on_sigterm():
        assert signal.getsignal(signal.SIGTERM) != server.handle_exit

    assert signal.getsignal(signal.SIGTERM) == server.handle_exit


@pytest.mark.parametrize(("own", "used"), [(None, 7), (30, 30), (0, 0)])
async def test_only_a_server_without_an_end_of_its_own_gets_ours(
    own: int | None, used: int
) -> None:
    server = serve(own)

    with Drain(AT_ONCE).on_sigterm():
        assert server.config.timeout_graceful_shutdown == used


async def test_a_thread_leaves_signals_alone() -> None:
    server = serve()

    kept: list[bool] = []

    def run() -> None:
        with Drain(AT_ONCE).on_sigterm():
            kept.append(signal.getsignal(signal.SIGTERM) == server.handle_exit)

    # One of its own: coverage does not see threads that began before it did.
    thread = Thread(target=run)
    thread.start()
    await asyncio.to_thread(thread.join)

    assert kept == [True]
