"""What happens between SIGTERM and the end of the process."""

import asyncio
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from app.core.config import ShutdownSettings
from app.core.logging import get_logger

log = get_logger(__name__)


class Drain:
    """Whether the service is on its way out."""

    def __init__(self, settings: ShutdownSettings) -> None:
        self.started = False
        self._settings = settings
        self._server: Any = None

    @contextmanager
    def on_sigterm(self) -> Generator[None]:
        """Answer for a while after SIGTERM, then hand the signal to the server.

        A server closes its door at once. But whoever sends the traffic learns only
        from the readiness probe that it has to go elsewhere, and that takes a moment.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._server = signal.getsignal(signal.SIGTERM)
        bound_the_wait(self._server, self._settings.grace_seconds)
        loop = asyncio.get_running_loop()

        def start(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._start, loop)

        signal.signal(signal.SIGTERM, start)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, self._server)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to drain; a second signal ends the moment of waiting."""
        delay = 0.0 if self.started else self._settings.drain_seconds
        self.started = True
        log.info("draining", seconds=delay)
        loop.call_later(delay, self._stop)

    def _stop(self) -> None:
        signal.signal(signal.SIGTERM, self._server)
        signal.raise_signal(signal.SIGTERM)


def bound_the_wait(handler: Any, seconds: int) -> None:
    """Give a plainly started uvicorn an end to its wait for open requests.

    Its own default waits for ever; one given on the command line is kept.
    """
    server = getattr(handler, "__self__", None)
    config = getattr(server, "config", None)
    if config is not None and getattr(config, "timeout_graceful_shutdown", 0) is None:
        config.timeout_graceful_shutdown = seconds
