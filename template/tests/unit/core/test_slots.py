"""The queue in front of the pool."""

import asyncio

import pytest

from app.core.errors import OverloadedError
from app.core.slots import Slots


async def pass_through(slots: Slots, name: int, done: list[int]) -> None:
    async with slots:
        await asyncio.sleep(0)
        done.append(name)


async def queue_up(slots: Slots) -> asyncio.Task[Slots]:
    """Let somebody come who has to wait."""
    waiting = asyncio.create_task(slots.__aenter__())
    await asyncio.sleep(0)
    return waiting


async def test_whoever_came_first_is_served_first() -> None:
    slots, done = Slots(1, wait=1.0), list[int]()

    async with asyncio.TaskGroup() as group:
        for name in range(20):
            group.create_task(pass_through(slots, name, done))

    assert done == list(range(20))


async def test_somebody_who_comes_later_does_not_overtake() -> None:
    slots, done = Slots(1, wait=1.0), list[int]()

    async with asyncio.TaskGroup() as group:
        async with slots:
            group.create_task(pass_through(slots, 1, done))
            await asyncio.sleep(0)
        await pass_through(slots, 2, done)

    assert done == [1, 2]


async def test_as_many_are_inside_as_there_are_places() -> None:
    slots, inside, most = Slots(3, wait=1.0), 0, 0

    async def stay() -> None:
        nonlocal inside, most
        async with slots:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(stay() for _ in range(10)))

    assert most == 3


async def test_nobody_waits_longer_than_agreed() -> None:
    slots = Slots(1, wait=0.01)

    async with slots:
        with pytest.raises(OverloadedError) as refusal:
            await asyncio.wait_for(slots.__aenter__(), 1)

    assert refusal.value.retry_after == 1


async def test_a_place_is_given_back_after_a_failure() -> None:
    slots = Slots(1, wait=0.01)

    with pytest.raises(ZeroDivisionError):
        async with slots:
            raise ZeroDivisionError

    async with slots:
        pass


async def test_a_place_is_not_lost_with_one_who_gave_up() -> None:
    slots = Slots(1, wait=1.0)

    async with slots:
        waiting = await queue_up(slots)
        waiting.cancel()

    async with asyncio.timeout(0.1), slots:
        pass


async def test_a_turn_that_comes_too_late_is_passed_on() -> None:
    slots = Slots(1, wait=1.0)

    async with slots:
        waiting = await queue_up(slots)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(0.1), slots:
        pass


async def test_a_refusal_that_nobody_waits_for_any_more_is_no_place() -> None:
    slots = Slots(1, wait=0.0)

    async with slots:
        waiting = await queue_up(slots)
        waiting.get_loop().call_soon(waiting.cancel)
        with pytest.raises((asyncio.CancelledError, OverloadedError)):
            await waiting

        with pytest.raises(OverloadedError):
            await slots.__aenter__()
