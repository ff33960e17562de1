"""The counter of failed logins."""

import pytest

from app.core.errors import ThrottledError
from app.core.throttle import FailureCounter


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
def failures(clock: Clock) -> FailureCounter:
    return FailureCounter(limit=3, window=60, capacity=2, clock=clock)


async def fail(failures: FailureCounter, clock: Clock, times: int) -> None:
    """Record a failure once a second."""
    for _ in range(times):
        await failures.record_failure("ada")
        clock.now += 1


async def test_no_wait_below_the_limit(failures: FailureCounter, clock: Clock) -> None:
    await fail(failures, clock, 2)

    assert await failures.retry_after("ada") == 0


async def test_wait_at_the_limit_ends_with_the_window(
    failures: FailureCounter, clock: Clock
) -> None:
    await fail(failures, clock, 3)
    assert await failures.retry_after("ada") == 57

    clock.now += 56.5
    assert await failures.retry_after("ada") == 1

    clock.now += 0.5
    assert await failures.retry_after("ada") == 0


async def test_retry_after_is_the_longest_wait_of_the_keys(
    failures: FailureCounter, clock: Clock
) -> None:
    await fail(failures, clock, 3)

    assert await failures.retry_after("grace", "ada") == 57


async def test_failures_are_counted_for_each_key(
    failures: FailureCounter, clock: Clock
) -> None:
    await fail(failures, clock, 3)

    assert await failures.retry_after("grace") == 0


async def test_reset_key_does_not_wait(failures: FailureCounter, clock: Clock) -> None:
    await fail(failures, clock, 3)

    await failures.reset("ada")

    assert await failures.retry_after("ada") == 0


async def test_oldest_keys_are_removed_at_the_capacity(
    failures: FailureCounter, clock: Clock
) -> None:
    await fail(failures, clock, 3)

    await failures.record_failure("grace", "edsger")

    assert await failures.retry_after("ada") == 0
    assert len(failures.failures) == 2


async def test_throttled_key_is_told_when_to_retry(
    failures: FailureCounter, clock: Clock
) -> None:
    await failures.check("ada")
    await fail(failures, clock, 3)

    with pytest.raises(ThrottledError) as throttled:
        await failures.check("ada", "grace")
    assert throttled.value.retry_after == 57
