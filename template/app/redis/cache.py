"""A cache of query results. `CacheGroup` names what is invalidated together.

    ITEMS = CacheGroup("items", seconds=30)

    @ITEMS.cached
    async def get(self, item_id: UUID) -> ItemRead: ...

The service has a field `cache`, and calls `cache.invalidate(ITEMS)` after its writes.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, wraps
from hashlib import sha256
from inspect import signature
from secrets import token_hex
from typing import (
    Any,
    Concatenate,
    ParamSpec,
    Protocol,
    TypeVar,
    get_type_hints,
)
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from app.db import Database
from app.redis.store import RedisAwayError, RedisStore, key_of

S = TypeVar("S", bound="CachingService")
P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[S, P], Coroutine[Any, Any, T]]
SCALARS = {bool, int, float, str, bytes, UUID, datetime, date, time, timedelta, Decimal}
# Seconds for which one process computes a value, while the others wait for it.
CLAIM = 2.0
DAY = 86_400


class Cache:
    """Results in Redis. Without Redis every result is computed."""

    def __init__(self, store: RedisStore) -> None:
        self.store = store
        self._running: dict[str, asyncio.Task[bytes]] = {}
        # Groups that could not be invalidated, because Redis was away.
        self._missed: set[str] = set()

    async def load(
        self, group: "CacheGroup", key: str, compute: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """Return a stored result, or compute it once for all who ask at this time."""
        try:
            generation, found = await self._read(group, key)
        except RedisAwayError:
            generation, found = None, None
        if found is not None:
            return found
        task = self._running.get(key)
        if task is None:
            work = self._compute(group, key, generation, compute)
            task = self._running[key] = asyncio.create_task(work)
            task.add_done_callback(lambda _: self._running.pop(key, None))
        # One caller who disconnects does not cancel the work for the others.
        return await asyncio.shield(task)

    async def invalidate(self, *groups: "CacheGroup") -> None:
        """Drop all results of the groups. Call it after the commit."""
        self._missed |= {group.name for group in groups}
        with suppress(RedisAwayError):
            await self._invalidate_missed()

    async def _invalidate_missed(self) -> None:
        for name in [*self._missed]:
            # Results of an older generation expire before the name of this one.
            await self._set(key_of("generation", name), token_hex(8).encode(), 2 * DAY)
            self._missed.discard(name)

    async def _read(self, group: "CacheGroup", key: str) -> tuple[bytes, bytes | None]:
        """Return the generation of a group, and a result that was stored in it."""
        if self._missed:
            await self._invalidate_missed()
        keys = [key_of("generation", group.name), key]
        found: list[bytes | None]
        found = await self.store.run(lambda client: client.mget(keys))
        generation, stored = found[0] or b"", found[1] or b""
        if stored.startswith(generation + b" "):
            return generation, stored[len(generation) + 1 :]
        return generation, None

    async def _set(
        self, key: str, value: bytes, seconds: float, *, new: bool = False
    ) -> bool:
        """Store a value; with `new` only if there is none."""
        expiry = int(seconds * 1000)
        done = await self.store.run(
            lambda client: client.set(key, value, px=expiry, nx=new)
        )
        return bool(done)

    async def _compute(
        self,
        group: "CacheGroup",
        key: str,
        generation: bytes | None,
        compute: Callable[[], Awaitable[bytes]],
    ) -> bytes:
        if generation is None:
            return await compute()
        claim = f"{key}:claim"
        with suppress(RedisAwayError):
            found = await self._wait_for_others(group, key, claim)
            if found is not None:
                return found
        try:
            result = await compute()
            with suppress(RedisAwayError):
                await self._set(key, generation + b" " + result, group.seconds)
            return result
        finally:
            with suppress(RedisAwayError):
                await self.store.run(lambda client: client.delete(claim))

    async def _wait_for_others(
        self, group: "CacheGroup", key: str, claim: str
    ) -> bytes | None:
        """Return the result of another process, or None if this one computes it."""
        while not await self._set(claim, b"", CLAIM, new=True):
            await asyncio.sleep(0.02)
            _, found = await self._read(group, key)
            if found is not None:
                return found
        _, found = await self._read(group, key)
        return found


class CachingService(Protocol):
    """A service whose methods can be cached: a dataclass with a cache."""

    @property
    def cache(self) -> Cache:
        """The cache of the application."""
        ...


@dataclass(frozen=True)
class CacheGroup:
    """Results that are kept for some seconds, and invalidated together."""

    name: str
    seconds: float

    def __post_init__(self) -> None:
        if not 0.001 <= self.seconds <= DAY:
            raise ValueError("a result is kept for a millisecond to a day")

    def cached(self, function: Method[S, P, T]) -> Method[S, P, T]:
        """Keep the results of a method of a service, for each set of arguments.

        All arguments and all fields of the service are part of the key. A value that
        has no key raises TypeError, and so does a result that JSON would change.
        """
        parameters = signature(function)

        @cache
        def result_type() -> tuple[TypeAdapter[T], str]:
            adapter: TypeAdapter[T] = TypeAdapter(get_type_hints(function)["return"])
            # Results of another release are not read if their schema is another one.
            schema = json.dumps(adapter.json_schema(), sort_keys=True)
            name = f"{function.__module__} {function.__qualname__} {schema}"
            return adapter, sha256(name.encode()).hexdigest()

        @wraps(function)
        async def call(service: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            adapter, name = result_type()
            bound = parameters.bind(service, *args, **kwargs)
            bound.apply_defaults()
            _, *arguments = bound.arguments.items()
            parts = [name, fields_of(service), *map(key_part, arguments)]
            key = sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()

            async def compute() -> bytes:
                result = await function(service, *args, **kwargs)
                stored = adapter.dump_json(result, by_alias=True, round_trip=True)
                if adapter.validate_json(stored) != result:
                    raise TypeError(f"JSON changes the result of {function}")
                return stored

            stored = await service.cache.load(self, key_of("cache", key), compute)
            return adapter.validate_json(stored)

        return call


def fields_of(service: Any) -> str:
    """Return the key of a service: its fields but the database, cache and clock."""
    values = [(field.name, getattr(service, field.name)) for field in fields(service)]
    return "".join(
        key_part(pair)
        for pair in values
        if not isinstance(pair[1], (Database, Cache)) and not callable(pair[1])
    )


def key_part(value: Any) -> str:
    """Return a text that differs for different values. Raises TypeError."""
    if value is None or type(value) in SCALARS:
        return f"{type(value).__name__}:{value!r};"
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, Enum):
        return f"{kind}.{value.name};"
    if isinstance(value, BaseModel):
        return f"{kind}{key_part(dict(value))}"
    parts: Any = value
    if isinstance(value, dict):
        return f"{{{''.join(sorted(map(key_part, parts.items())))}}}"
    if isinstance(value, (set, frozenset)):
        return f"<{''.join(sorted(map(key_part, parts)))}>"
    if isinstance(value, (list, tuple)):
        return f"[{''.join(map(key_part, parts))}]"
    raise TypeError(f"a {kind} can not be part of the key of a cached result")
