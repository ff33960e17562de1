"""A semaphore that counts its use, for metrics of the process."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Literal
from weakref import WeakSet


def ignore(_: float) -> None:
    """Drop the time of a wait."""


class MeasuredSemaphore(asyncio.Semaphore):
    """Counts holders (`in_use`) and waiters, and reports the time of each wait."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.capacity = capacity
        self.in_use = self.waiting = 0
        self.on_wait: Callable[[float], None] = ignore
        SEMAPHORES.add(self)

    async def acquire(self) -> Literal[True]:
        """Acquire the semaphore; wait if it is locked."""
        if self.locked():
            await self._wait()
        else:
            await super().acquire()
        self.in_use += 1
        return True

    async def _wait(self) -> None:
        started = perf_counter()
        self.waiting += 1
        try:
            await super().acquire()
        finally:
            self.waiting -= 1
            self.on_wait(perf_counter() - started)

    def release(self) -> None:
        """Release the semaphore."""
        self.in_use -= 1
        super().release()


# Those of the process: one on PostgreSQL; on SQLite that of readers and of the writer.
SEMAPHORES: WeakSet[MeasuredSemaphore] = WeakSet()
