"""A fair limit on the number of connections in use."""

import asyncio
from collections import deque
from typing import Self

from app.core.errors import OverloadedError

type Waiter = asyncio.Future[None]


class ConnectionLimiter:
    """Admits `capacity` users at a time, in the order in which they arrive.

    SQLAlchemy's pool gives a released connection to the next caller, so under load
    some requests starve. A semaphore with a timeout would be fair, too, but costs
    several times as much per request.
    """

    def __init__(self, capacity: int, timeout: float) -> None:
        """Create a limiter; `timeout` is the longest wait, in seconds."""
        self._available = capacity
        self._timeout = timeout
        self._waiters: deque[Waiter] = deque()

    async def __aenter__(self) -> Self:
        """Wait until admitted. Raises OverloadedError after the timeout."""
        if self._available:
            self._available -= 1
            return self
        loop = asyncio.get_running_loop()
        waiter: Waiter = loop.create_future()
        self._waiters.append(waiter)
        timer = loop.call_later(self._timeout, _time_out, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            # Cancelled after admission: pass the admission on to the next waiter.
            if not waiter.cancelled() and waiter.exception() is None:
                self._release()
            raise
        finally:
            timer.cancel()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Admit the next waiter."""
        self._release()

    def _release(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._available += 1


def _time_out(waiter: Waiter) -> None:
    """End the wait with an error."""
    if not waiter.done():
        waiter.set_exception(OverloadedError("The service is busy; try again."))
