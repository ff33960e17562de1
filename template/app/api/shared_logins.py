"""Counters of logins and registrations for all processes together."""

from app.api.security import AuthServices
from app.redis.failures import SharedFailureCounter
from app.redis.limits import SharedRateLimiter
from app.redis.store import RedisStore


def share_counters(auth: AuthServices, store: RedisStore) -> None:
    """Count in Redis; without it each process counts its own."""
    auth.failures = SharedFailureCounter(auth.failures.limit, store=store)
    for name in ("attempts", "registrations"):
        limit = getattr(auth, name).limit
        setattr(auth, name, SharedRateLimiter(limit, store=store, name=name))
