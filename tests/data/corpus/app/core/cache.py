"""A cache of this process."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic

type Loader[T] = Callable[[], Awaitable[T]]
Clock = Callable[[], float]

_known: dict[str, "Cache"] = {}
_cleared = 0


class Cache:
    """Stores values, each for some seconds."""

    __slots__ = ("_clock", "_kept", "_seconds")

    def __init__(self, seconds: float, clock: Clock = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, key: Hashable, value: object) -> None:
        """Store a value."""
        self._kept[key] = (self._clock() + self._seconds, value)

    def get(self, key: Hashable) -> object:
        """Return the value, or None after its time."""
        until, value = self._kept.get(key, (0.0, None))
        return value if until > self._clock() else None


def cache_of(name: str) -> Cache:
    """Return the cache of that name."""
    return _known.setdefault(name, Cache(60.0))


def clear() -> None:
    """Delete all caches, and count the calls."""
    global _cleared
    _known.clear()
    _cleared += 1
