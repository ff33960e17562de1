"""Rate limits and failures that are counted for all processes together."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from app.core.config import ApiSettings
from app.core.limits import Quota, RateLimiter
from app.redis.store import RedisAwayError, RedisStore, key_of

# Returns how long until the fullest key has its whole quota, in microseconds.
ADMIT: Final = """
local now = redis.call('TIME')
local at = now[1] * 1000000 + now[2]
local window, step, used, full = tonumber(ARGV[1]), tonumber(ARGV[2]), 0, {}
for number, key in ipairs(KEYS) do
  full[number] = math.max(tonumber(redis.call('GET', key) or at), at)
  used = math.max(used, full[number] - at)
end
if (window - used) / step >= 0.995 then
  for number, key in ipairs(KEYS) do
    local next = full[number] + step
    local expiry = math.ceil((next - at) / 1000)
    redis.call('SET', key, string.format('%.0f', next), 'PX', expiry)
  end
end
return used
"""


def hash_keys(kind: str, keys: tuple[str, ...]) -> list[str]:
    """Return the keys in Redis, which contain no addresses of people."""
    return [key_of(kind, sha256(key.encode()).hexdigest()[:32]) for key in keys]


@dataclass(slots=True, kw_only=True)
class SharedRateLimiter(RateLimiter):
    """A rate limiter for all processes.

    Without Redis it counts in the process; if it `is_open`, it admits every request.
    """

    store: RedisStore
    name: str
    is_open: bool = False

    async def admit(self, *keys: str) -> Quota:
        """Count a request for all keys, or for none if one of them has to wait."""
        window = self.window * 1_000_000
        arguments: list[Any] = [
            *hash_keys(self.name, keys),
            window,
            window / self.limit,
        ]
        try:
            used = await self.store.run(
                lambda client: client.eval(ADMIT, len(keys), *arguments)
            )
        except RedisAwayError:
            if self.is_open:
                return self.quota(0)
            return await RateLimiter.admit(self, *keys)
        return self.quota(int(used) / 1_000_000)


def shared_limiter(store: RedisStore, settings: ApiSettings) -> SharedRateLimiter:
    """Create the limiter of all requests.

    It is open while Redis is away, and counts in the process if there is none.
    """
    limit, is_open = settings.requests_per_minute, store.is_configured
    return SharedRateLimiter(limit, store=store, name="requests", is_open=is_open)
