"""Failed logins, attempts and registrations of all processes, counted together."""

from dataclasses import dataclass, fields
from typing import Any, Final

from app.api.security import AuthServices
from app.core.limits import RateLimiter
from app.core.throttle import FailureCounter
from app.redis.limits import SharedRateLimiter, hash_keys
from app.redis.store import RedisAwayError, RedisStore

RECORD: Final = """
local now = redis.call('TIME')
for _, key in ipairs(KEYS) do
  redis.call('RPUSH', key, now[1] * 1000 + math.floor(now[2] / 1000))
  redis.call('LTRIM', key, -tonumber(ARGV[1]), -1)
  redis.call('PEXPIRE', key, ARGV[2])
end
return 0
"""
# Returns how long the fullest key has to wait, in milliseconds.
WAIT: Final = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local longest = 0
for _, key in ipairs(KEYS) do
  if redis.call('LLEN', key) >= tonumber(ARGV[1]) then
    longest = math.max(longest, redis.call('LINDEX', key, 0) + ARGV[2] - at)
  end
end
return longest
"""


@dataclass(slots=True, kw_only=True)
class SharedFailureCounter(FailureCounter):
    """A failure counter for all processes.

    The process counts its own failures, too, and uses them without Redis.
    """

    store: RedisStore

    async def retry_after(self, *keys: str) -> int:
        """Return the seconds until all keys may try again; 0 means now."""
        try:
            left = await self._run(WAIT, keys)
        except RedisAwayError:
            return await FailureCounter.retry_after(self, *keys)
        return -(-int(left) // 1000)

    async def record_failure(self, *keys: str) -> None:
        """Record a failure for each key."""
        await FailureCounter.record_failure(self, *keys)
        try:
            await self._run(RECORD, keys)
        except RedisAwayError:
            return

    async def reset(self, key: str) -> None:
        """Delete the failures of a key, after a success."""
        await FailureCounter.reset(self, key)
        try:
            await self.store.run(
                lambda client: client.delete(*hash_keys("failures", (key,)))
            )
        except RedisAwayError:
            return

    async def _run(self, script: str, keys: tuple[str, ...]) -> Any:
        arguments: list[Any] = [*hash_keys("failures", keys), self.limit]
        arguments.append(int(self.window * 1000))
        return await self.store.run(
            lambda client: client.eval(script, len(keys), *arguments)
        )


def share_counters(auth: AuthServices, store: RedisStore) -> None:
    """Count in Redis; without it each process counts its own."""
    auth.failures = SharedFailureCounter(auth.failures.limit, store=store)
    limiters = {field.name: getattr(auth, field.name) for field in fields(auth)}
    for name, limiter in limiters.items():
        if isinstance(limiter, RateLimiter):
            shared = SharedRateLimiter(
                limiter.limit, limiter.window, store=store, name=name
            )
            setattr(auth, name, shared)
