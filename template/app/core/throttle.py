"""Counts failures, so that guessing gets slow."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from time import monotonic
from typing import Protocol


class FailureCounter(Protocol):
    """What a shared store implements, when one process is not enough."""

    async def wait(self, *keys: str) -> int:
        """Return the seconds until any of the keys may try again; 0 is now."""
        ...

    async def count(self, *keys: str) -> None:
        """Note a failure under each key."""
        ...

    async def forget(self, key: str) -> None:
        """Drop a key's failures, after a success."""
        ...


@dataclass(slots=True)
class LocalFailureCounter:
    """A sliding window in the memory of this process."""

    limit: int
    window: float = 60.0
    # So many keys are remembered, the newest: memory stays flat under attack.
    capacity: int = 10_000
    clock: Callable[[], float] = monotonic
    kept: OrderedDict[str, deque[float]] = field(
        default_factory=OrderedDict[str, deque[float]]
    )

    async def wait(self, *keys: str) -> int:
        """Return the seconds until every key may try again; 0 is now."""
        return max((self._wait(key) for key in keys), default=0)

    def _wait(self, key: str) -> int:
        times = self.kept.get(key, deque())
        if len(times) < self.limit:
            return 0
        left = times[0] + self.window - self.clock()
        return max(0, ceil(left))

    async def count(self, *keys: str) -> None:
        """Note a failure under each key."""
        for key in keys:
            times = self.kept.setdefault(key, deque(maxlen=self.limit))
            times.append(self.clock())
            self.kept.move_to_end(key)
        while len(self.kept) > self.capacity:
            self.kept.popitem(last=False)

    async def forget(self, key: str) -> None:
        """Drop a key's failures, after a success."""
        self.kept.pop(key, None)
