"""The rules about items."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.item import Item
from app.schemas.item import ItemCreate, ItemUpdate
from app.services.items import (
    ItemIntake,
    ItemNameTakenError,
    ItemNotFoundError,
    ItemQueries,
    ItemService,
)
from tests.factories import make_item
from tests.fakes import FakeReader, FakeSession, FakeWriter

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAWN = datetime(2026, 1, 1, 6, tzinfo=UTC)
KEY = UUID(int=1)


def stored() -> Item:
    return make_item(id=KEY, name="lamp", created_at=DAWN, updated_at=DAWN)


def service(session: FakeSession) -> ItemService:
    return ItemService(cast(AsyncSession, session), clock=lambda: NOON)


async def test_an_item_that_does_not_exist_is_named_in_the_failure() -> None:
    with pytest.raises(ItemNotFoundError, match=str(KEY)):
        await ItemQueries(FakeReader()).get(KEY)


async def test_a_change_is_dated() -> None:
    changed = await service(FakeSession(stored())).update(KEY, ItemUpdate(name="torch"))

    assert (changed.name, changed.created_at, changed.updated_at) == (
        "torch",
        DAWN,
        NOON,
    )


async def test_a_change_of_nothing_is_not_dated() -> None:
    session = FakeSession(stored())

    changed = await service(session).update(KEY, ItemUpdate())

    assert changed.updated_at == DAWN
    assert session.flushes == 0


async def test_a_new_item_is_dated_once() -> None:
    made = await ItemIntake(FakeWriter(), lambda: NOON).create(ItemCreate(name="lamp"))

    assert (made.created_at, made.updated_at) == (NOON, NOON)


async def test_every_tag_is_a_row_of_its_item() -> None:
    writer = FakeWriter()

    made = await ItemIntake(writer).create(ItemCreate(name="lamp", tags=["b", "a"]))

    _, *tags = writer.rows
    assert made.tags == ["a", "b"]
    assert tags == [{"item_id": made.id, "name": name} for name in ("b", "a")]


async def test_the_database_says_whether_a_name_is_free() -> None:
    taken = IntegrityError("", None, Exception())

    with pytest.raises(ItemNameTakenError, match="'lamp'"):
        await ItemIntake(FakeWriter(taken)).create(ItemCreate(name="lamp"))
    with pytest.raises(ItemNameTakenError, match="'torch'"):
        await service(FakeSession(stored(), fails=taken)).update(
            KEY, ItemUpdate(name="torch")
        )


@pytest.mark.parametrize("act", ["update", "delete"])
async def test_what_does_not_exist_can_not_be_changed(act: str) -> None:
    items = service(FakeSession(None))
    change = [ItemUpdate()] if act == "update" else []

    with pytest.raises(ItemNotFoundError):
        await getattr(items, act)(KEY, *change)
