"""`RedisStore` runs commands on Redis, and tells at once while it is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.about import SLUG
from app.core.logging import get_logger
from app.core.redis_settings import RedisSettings

log = get_logger(__name__)
# Seconds between two attempts to reach Redis, and for each of them.
PAUSE, PATIENCE = 0.5, 2.0


class RedisAwayError(Exception):
    """Redis does not respond. The caller has a way without it."""


class RedisStore:
    """Commands with one timeout for all: connecting, waiting and the response.

    After a failure no request waits for Redis any more. A task connects again.
    """

    def __init__(self, settings: RedisSettings) -> None:
        self.timeout = settings.timeout
        self.is_configured = settings.url is not None
        self.is_away = not self.is_configured
        self._connections = asyncio.Semaphore(settings.pool_size)
        self._recovery: asyncio.Task[None] | None = None
        self._client: Redis | None = None
        if settings.url:
            self._client = Redis.from_url(
                settings.url.get_secret_value(),
                # `run` limits the time, which costs less.
                socket_timeout=None,
                retry=Retry(NoBackoff(), 0),
                # Else the client reads its own version from a file.
                driver_info=None,
            )

    async def run(self, command: Callable[[Redis], Awaitable[Any]]) -> Any:
        """Run a command, which may be a script or a pipeline. Raises RedisAwayError."""
        if self.is_away or self._client is None:
            raise RedisAwayError
        try:
            async with asyncio.timeout(self.timeout), self._connections:
                return await command(self._client)
        except (RedisError, OSError) as error:
            self._leave(error)
            raise RedisAwayError from error

    async def ping(self) -> bool:
        """Return whether Redis responds."""
        try:
            return await self.run(lambda client: client.echo(SLUG)) is not None
        except RedisAwayError:
            return False

    async def close(self) -> None:
        """Close all connections."""
        if self._recovery:
            self._recovery.cancel()
        if self._client:
            await self._client.aclose()

    def _leave(self, error: Exception) -> None:
        if not self.is_away:
            self.is_away = True
            log.warning("redis_away", cause=f"{type(error).__name__} {error}".strip())
            self._recovery = asyncio.create_task(self._recover(self._client))

    async def _recover(self, client: Redis | None) -> None:
        while client and self.is_away:
            await asyncio.sleep(PAUSE)
            try:
                async with asyncio.timeout(PATIENCE):
                    await client.echo(SLUG)
            except (RedisError, OSError):
                continue
            self.is_away = False
            log.info("redis_back")


def key_of(kind: str, name: str) -> str:
    """Return a key of this service; a service beside it may use the same Redis."""
    return f"{SLUG}:{kind}:{name}"
