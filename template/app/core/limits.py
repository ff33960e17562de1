"""Rate limits: `RateLimiter` counts requests by key, in the memory of this process."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from time import monotonic
from typing import NamedTuple

from app.core.errors import ThrottledError


class Quota(NamedTuple):
    """The quota of a key after a request; `retry_after` is 0 if it is admitted."""

    remaining: int
    # Seconds until all requests are available again, and until one is.
    reset: int
    retry_after: int


@dataclass(slots=True)
class RateLimiter:
    """Admits `limit` requests of a key at once, and as many in each window.

    A key is one number, the time at which its whole quota is available again (GCRA).
    The methods are async, so that a subclass can use a store that several processes
    share.
    """

    limit: int
    window: float = 60.0
    # Keys in memory. The oldest ones are dropped, so that memory stays bounded.
    capacity: int = 10_000
    clock: Callable[[], float] = monotonic
    full_at: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])

    async def admit(self, *keys: str) -> Quota:
        """Count a request for all keys, or for none if one of them has to wait."""
        now = self.clock()
        times = [max(now, self.full_at.get(key, now)) for key in keys]
        quota = self.quota(max(times) - now)
        if not quota.retry_after:
            for key, time in zip(keys, times, strict=True):
                self.full_at[key] = time + self.window / self.limit
                self.full_at.move_to_end(key)
            while len(self.full_at) > self.capacity:
                self.full_at.popitem(last=False)
        return quota

    def quota(self, used: float) -> Quota:
        """Return the quota after a request, from the seconds that were used before."""
        step = self.window / self.limit
        # Rounded, because a sum of many steps is not exact.
        free = round((self.window - used) / step, 2)
        if free < 1:
            return Quota(0, ceil(used), ceil((1 - free) * step))
        return Quota(int(free) - 1, ceil(used + step), 0)

    async def check(self, *keys: str) -> None:
        """Count a request for all keys. Raises ThrottledError if one has to wait."""
        raise_throttled((await self.admit(*keys)).retry_after)


def raise_throttled(seconds: int) -> None:
    """Raise ThrottledError if the caller has to wait."""
    if seconds:
        error = ThrottledError("Too many attempts; try again later.")
        error.retry_after = seconds
        raise error


def network_of(host: str) -> str:
    """Return the network of an address: one client has a whole IPv6 /64."""
    try:
        ip = ip_address(host)
    except ValueError:
        return host[:64]  # A proxy may send any text, and the counter stores it.
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Network((int(ip), 64), strict=False))
    return host
