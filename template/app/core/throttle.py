"""Throttling: counts failures by key, within a sliding window."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from time import monotonic
from typing import Protocol


class FailureCounter(Protocol):
    """Failures by key. A shared store can implement it for several processes."""

    async def retry_after(self, *keys: str) -> int:
        """Return the seconds until all keys may try again; 0 means now."""
        ...

    async def record_failure(self, *keys: str) -> None:
        """Record a failure for each key."""
        ...

    async def reset(self, key: str) -> None:
        """Delete the failures of a key, after a success."""
        ...


@dataclass(slots=True)
class LocalFailureCounter:
    """Failures in the memory of this process."""

    limit: int
    window: float = 60.0
    # Keys with recent failures; older keys are dropped, so that memory stays flat.
    capacity: int = 10_000
    clock: Callable[[], float] = monotonic
    failures: OrderedDict[str, deque[float]] = field(
        default_factory=OrderedDict[str, deque[float]]
    )

    async def retry_after(self, *keys: str) -> int:
        """Return the seconds until all keys may try again; 0 means now."""
        return max((self._retry_after(key) for key in keys), default=0)

    def _retry_after(self, key: str) -> int:
        times = self.failures.get(key, deque())
        if len(times) < self.limit:
            return 0
        left = times[0] + self.window - self.clock()
        return max(0, ceil(left))

    async def record_failure(self, *keys: str) -> None:
        """Record a failure for each key."""
        for key in keys:
            times = self.failures.setdefault(key, deque(maxlen=self.limit))
            times.append(self.clock())
            self.failures.move_to_end(key)
        while len(self.failures) > self.capacity:
            self.failures.popitem(last=False)

    async def reset(self, key: str) -> None:
        """Delete the failures of a key, after a success."""
        self.failures.pop(key, None)
