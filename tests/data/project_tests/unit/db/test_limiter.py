"""The fair limit on connections in use."""

import asyncio

import pytest

from app.core.errors import OverloadedError
from app.db.limiter import ConnectionLimiter


async def enter_and_leave(
    limiter: ConnectionLimiter, name: int, done: list[int]
) -> None:
    async with limiter:
        await asyncio.sleep(0)
        done.append(name)


async def start_waiter(limiter: ConnectionLimiter) -> asyncio.Task[None]:
    """Start a waiter."""
    waiting = asyncio.create_task(limiter.__aenter__())
    await asyncio.sleep(0)
    return waiting


async def test_waiters_are_admitted_in_order_of_arrival() -> None:
    limiter, done = ConnectionLimiter(1, timeout=1.0), list[int]()

    async with asyncio.TaskGroup() as group:
        for name in range(20):
            group.create_task(enter_and_leave(limiter, name, done))

    assert done == list(range(20))


async def test_newcomer_does_not_overtake_a_waiter() -> None:
    limiter, done = ConnectionLimiter(1, timeout=1.0), list[int]()

    async with asyncio.TaskGroup() as group:
        async with limiter:
            group.create_task(enter_and_leave(limiter, 1, done))
            await asyncio.sleep(0)
        await enter_and_leave(limiter, 2, done)

    assert done == [1, 2]


async def test_at_most_capacity_callers_are_inside() -> None:
    limiter, inside, most = ConnectionLimiter(3, timeout=1.0), 0, 0

    async def stay() -> None:
        nonlocal inside, most
        async with limiter:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(stay() for _ in range(10)))

    assert most == 3


async def test_wait_ends_after_the_timeout() -> None:
    limiter = ConnectionLimiter(1, timeout=0.01)

    async with limiter:
        with pytest.raises(OverloadedError) as refusal:
            await asyncio.wait_for(limiter.__aenter__(), 1)

    assert refusal.value.retry_after == 1


async def test_admission_is_released_after_a_failure() -> None:
    limiter = ConnectionLimiter(1, timeout=0.01)

    with pytest.raises(ZeroDivisionError):
        async with limiter:
            raise ZeroDivisionError

    async with limiter:
        pass


async def test_cancelled_waiter_is_skipped() -> None:
    limiter = ConnectionLimiter(1, timeout=1.0)

    async with limiter:
        waiting = await start_waiter(limiter)
        waiting.cancel()

    async with asyncio.timeout(0.1), limiter:
        pass


async def test_admission_of_a_cancelled_waiter_is_passed_on() -> None:
    limiter = ConnectionLimiter(1, timeout=1.0)

    async with limiter:
        waiting = await start_waiter(limiter)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(0.1), limiter:
        pass


async def test_timeout_of_a_cancelled_waiter_admits_nothing() -> None:
    limiter = ConnectionLimiter(1, timeout=0.0)

    async with limiter:
        waiting = await start_waiter(limiter)
        waiting.get_loop().call_soon(waiting.cancel)
        with pytest.raises((asyncio.CancelledError, OverloadedError)):
            await waiting

        with pytest.raises(OverloadedError):
            await limiter.__aenter__()
