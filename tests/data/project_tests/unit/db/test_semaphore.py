"""The semaphore that counts its use."""

import asyncio

import pytest

from app.core.errors import OverloadedError
from app.db.limiter import ConnectionLimiter
from app.db.semaphore import SEMAPHORES, MeasuredSemaphore


def measured_limiter(timeout: float) -> tuple[ConnectionLimiter, MeasuredSemaphore]:
    """Create a limiter for one caller, and return its semaphore, too."""
    known = {*SEMAPHORES}
    limiter = ConnectionLimiter(1, timeout)
    [semaphore] = {*SEMAPHORES} - known
    return limiter, semaphore


async def test_holders_and_waiters_are_counted_and_waits_measured() -> None:
    limiter, semaphore = measured_limiter(1.0)
    waits = list[float]()
    semaphore.on_wait = waits.append

    async def hold() -> None:
        async with limiter:
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(hold()) for _ in range(3)]
    await asyncio.sleep(0)
    assert (semaphore.in_use, semaphore.waiting) == (1, 2)
    await asyncio.gather(*tasks)

    assert (semaphore.in_use, semaphore.waiting) == (0, 0)
    assert len(waits) == 2
    assert max(waits) > 0.01


async def test_waiter_that_gives_up_is_counted_no_more() -> None:
    limiter, semaphore = measured_limiter(0.01)
    async with limiter:
        with pytest.raises(OverloadedError):
            async with limiter:
                pass
        assert (semaphore.in_use, semaphore.waiting) == (1, 0)

    assert semaphore.in_use == 0


async def test_cancelled_waiter_is_counted_no_more() -> None:
    limiter, semaphore = measured_limiter(1.0)
    async with limiter:
        waiter = asyncio.create_task(limiter.__aenter__())
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
        assert (semaphore.in_use, semaphore.waiting) == (1, 0)
    async with limiter:
        assert semaphore.in_use == 1
