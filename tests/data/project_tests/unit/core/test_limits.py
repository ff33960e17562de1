"""The rate limiter of keys."""

import pytest

from app.core.errors import ThrottledError
from app.core.limits import Quota, RateLimiter, network_of


class Clock:
    """A clock whose time changes only when a test sets it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(limit=3, capacity=2, clock=clock)


async def test_quota_is_used_up_and_refilled_evenly(
    limiter: RateLimiter, clock: Clock
) -> None:
    quotas = [await limiter.admit("ada") for _ in range(4)]
    clock.now += 19.5
    early = await limiter.admit("ada")
    clock.now += 0.5
    due = await limiter.admit("ada")

    assert quotas == [(2, 20, 0), (1, 40, 0), (0, 60, 0), (0, 60, 20)]
    assert early == Quota(remaining=0, reset=41, retry_after=1)
    assert due == Quota(remaining=0, reset=60, retry_after=0)


@pytest.mark.parametrize("limit", [1, 7, 60, 600, 59_999, 60_000])
async def test_exactly_the_limit_is_admitted_at_once(limit: int, clock: Clock) -> None:
    limiter = RateLimiter(limit, clock=clock)

    quotas = [await limiter.admit("ada") for _ in range(limit + 1)]

    assert [quota.remaining for quota in quotas[:-1]] == [*range(limit)][::-1]
    assert [bool(quota.retry_after) for quota in quotas[-2:]] == [False, True]


async def test_refused_request_is_counted_for_no_key(limiter: RateLimiter) -> None:
    for _ in range(3):
        await limiter.admit("ada")

    assert (await limiter.admit("grace", "ada")).retry_after == 20
    assert (await limiter.admit("grace")).remaining == 2


async def test_worst_quota_of_the_keys_is_returned(limiter: RateLimiter) -> None:
    await limiter.admit("ada")

    assert (await limiter.admit("grace", "ada")).remaining == 1


async def test_oldest_keys_are_removed_at_the_capacity(limiter: RateLimiter) -> None:
    for number in range(100):
        await limiter.admit(f"{number}")

    assert [*limiter.full_at] == ["98", "99"]


async def test_check_raises_with_the_time_to_wait(limiter: RateLimiter) -> None:
    for _ in range(3):
        await limiter.check("ada")

    with pytest.raises(ThrottledError) as throttled:
        await limiter.check("ada")
    assert throttled.value.retry_after == 20


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("unknown", "unknown"),
        ("", ""),
        ("x" * 60_000, "x" * 64),
    ],
)
def test_addresses_of_one_client_are_one_network(host: str, network: str) -> None:
    assert network_of(host) == network
