"""The cache inside an open transaction."""

from collections.abc import Awaitable, Callable

from app.redis.cache import Cache, CacheGroup


class NestedCache(Cache):
    """A cache for services whose writes are not committed yet.

    Every result is computed, since it may contain these writes. `commit` invalidates
    the groups.
    """

    def __init__(self, cache: Cache) -> None:
        super().__init__(cache.store)
        self._cache = cache
        self._groups: set[CacheGroup] = set()

    async def load(
        self, group: CacheGroup, key: str, compute: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """Compute a result."""
        return await compute()

    async def invalidate(self, *groups: CacheGroup) -> None:
        """Note groups, to invalidate them after the commit."""
        self._groups.update(groups)

    async def commit(self) -> None:
        """Invalidate these groups, after the commit of the transaction."""
        await self._cache.invalidate(*self._groups)
