"""A fair queue in front of the pool."""

import asyncio
from typing import Self

from app.core.errors import OverloadedError


class Slots:
    """As many places as there are connections: first come, first served.

    SQLAlchemy's pool hands a returned connection to whoever asks next, so under
    load some requests starve. Here nobody waits longer than `wait` seconds.
    """

    def __init__(self, places: int, wait: float) -> None:
        self._free = asyncio.Semaphore(places)
        self._wait = wait

    async def __aenter__(self) -> Self:
        """Take a place. Raises OverloadedError when none comes free in time."""
        if not self._free.locked():
            await self._free.acquire()
            return self
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError as error:
            raise OverloadedError("The service is busy; try again.") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give the place to whoever waits longest."""
        self._free.release()
