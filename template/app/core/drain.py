"""Graceful shutdown: `Drain` bounds the time from SIGTERM to the end of the process."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Generator
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any

from app.core.config import ShutdownSettings
from app.core.logging import get_logger

log = get_logger(__name__)

EXIT_SECONDS = 2.0  # for cancelled requests to roll back, and the server to exit


class Drain:
    """State of the graceful shutdown (`started`), and the requests in flight."""

    def __init__(self, settings: ShutdownSettings) -> None:
        self.started = False
        self._settings = settings
        self._requests: set[asyncio.Task[Any]] = set()

    async def track(self, request: Awaitable[None]) -> bool:
        """Await a request, or return False if it is cancelled during the shutdown."""
        task: Any = asyncio.current_task()
        self._requests.add(task)
        try:
            await request
        except asyncio.CancelledError:
            if not self.started:
                raise
            task.uncancel()
            return False
        finally:
            self._requests.discard(task)
        return True

    @contextmanager
    def on_sigterm(self) -> Generator[None]:
        """Shut down on SIGTERM. Only the main thread can handle signals."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handler, signals = signal.getsignal(signal.SIGTERM), asyncio.Semaphore(0)
        wake = asyncio.get_running_loop().call_soon_threadsafe
        # An empty context, because the log records belong to no request.
        shutdown = asyncio.create_task(
            self._shut_down(signals, handler), context=Context()
        )
        signal.signal(signal.SIGTERM, lambda _number, _frame: wake(signals.release))
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, handler)
            shutdown.cancel()

    async def _shut_down(self, signals: asyncio.Semaphore, handler: Any) -> None:
        """Wait for SIGTERM, drain, stop the server, cancel the remaining requests."""
        await signals.acquire()
        self.started, delay = True, self._settings.drain_seconds
        log.info("draining", seconds=delay)
        # The server refuses new connections after SIGTERM, but load balancers open some
        # until the readiness probe fails. So SIGTERM is passed on after the drain.
        with suppress(TimeoutError):
            await asyncio.wait_for(signals.acquire(), delay)
        signal.signal(signal.SIGTERM, handler)
        signal.raise_signal(signal.SIGTERM)
        # uvicorn waits for requests without a limit, so the application sets one.
        await asyncio.sleep(self._settings.grace_seconds)
        if self._requests:
            log.warning("requests cancelled", count=len(self._requests))
        for task in self._requests:
            task.cancel()
        await asyncio.sleep(EXIT_SECONDS)
        # A client that does not read or a request that does not end keeps the server
        # waiting, so the process ends without it.
        log.error("shutdown timed out")
        end_process()


def end_process() -> None:
    """End the process by SIGTERM, or by `_exit` as PID 1, which ignores SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.raise_signal(signal.SIGTERM)
    os._exit(128 + signal.SIGTERM)
