"""Throttling: counts failures by key, within a sliding window."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from time import monotonic

from app.core.limits import raise_throttled


@dataclass(slots=True)
class FailureCounter:
    """Failures by key, in the memory of this process.

    The methods are async, so that a subclass can use a store that several processes
    share.
    """

    limit: int
    window: float = 60.0
    # Keys with recent failures. Older keys are dropped, so that memory stays bounded.
    capacity: int = 10_000
    clock: Callable[[], float] = monotonic
    failures: OrderedDict[str, deque[float]] = field(
        default_factory=OrderedDict[str, deque[float]]
    )

    async def retry_after(self, *keys: str) -> int:
        """Return the seconds until all keys may try again; 0 means now."""
        now, seconds = self.clock(), [0]
        for key in keys:
            times = self.failures.get(key, deque())
            if len(times) >= self.limit:
                seconds.append(ceil(times[0] + self.window - now))
        return max(seconds)

    async def check(self, *keys: str) -> None:
        """Raise ThrottledError if one of the keys has to wait."""
        raise_throttled(await self.retry_after(*keys))

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
