"""A fair queue in front of the pool."""

import asyncio
from collections import deque
from typing import Self

from app.core.errors import OverloadedError

type Turn = asyncio.Future[None]


class Slots:
    """As many places as there are connections: first come, first served.

    SQLAlchemy's pool hands a returned connection to whoever asks next, so under
    load some requests starve. Here nobody waits longer than `wait` seconds. A
    semaphore with a timeout around it would do the same, for more of each request.
    """

    def __init__(self, places: int, wait: float) -> None:
        self._free = places
        self._wait = wait
        self._queue: deque[Turn] = deque()

    async def __aenter__(self) -> Self:
        """Take a place. Raises OverloadedError when none comes free in time."""
        if self._free:
            self._free -= 1
            return self
        loop = asyncio.get_running_loop()
        turn: Turn = loop.create_future()
        self._queue.append(turn)
        clock = loop.call_later(self._wait, refuse, turn)
        try:
            await turn
        except asyncio.CancelledError:
            # Whoever gives up just as it is their turn passes it on.
            if not turn.cancelled() and turn.exception() is None:
                self._give()
            raise
        finally:
            clock.cancel()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give the place to whoever waits longest."""
        self._give()

    def _give(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def refuse(turn: Turn) -> None:
    """End the wait of one whose time is over."""
    if not turn.done():
        turn.set_exception(OverloadedError("The service is busy; try again."))
