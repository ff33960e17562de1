"""A fair limit on the number of connections in use."""

import asyncio

from app.core.errors import OverloadedError


class ConnectionLimiter:
    """Admits `capacity` callers at a time, in the order in which they arrive.

    SQLAlchemy's pool gives a released connection to the caller that asks next, even
    if others wait longer, so under load some requests starve.
    """

    def __init__(self, capacity: int, timeout: float) -> None:
        """Create a limiter; `timeout` is the longest wait, in seconds."""
        self._semaphore = asyncio.Semaphore(capacity)
        self._timeout = timeout

    async def __aenter__(self) -> None:
        """Wait until admitted. Raises OverloadedError after the timeout."""
        if not self._semaphore.locked():
            await self._semaphore.acquire()  # It does not wait, so it needs no timeout.
            return
        try:
            async with asyncio.timeout(self._timeout):
                await self._semaphore.acquire()
        except TimeoutError:
            raise OverloadedError("The service is busy; try again.") from None

    async def __aexit__(self, *_: object) -> None:
        """Admit the next waiter."""
        self._semaphore.release()
