"""Business rules of orders, on the database."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.core.clock import utc_now
from app.db import Database
from app.models.order import Order, OrderState
from app.schemas.order import OrderCreate
from app.services.orders import (
    AlreadyPaidError,
    OrderNotFoundError,
    OrderService,
    ReferenceTakenError,
)

KEY = UUID(int=1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NEW = OrderCreate(reference="A-1", email="ada@example.com", lines=["lamp"])


@pytest.fixture
def orders(database: Database) -> OrderService:
    """The service, at noon."""
    return OrderService(database, clock=lambda: NOON)


async def test_reference_is_taken_once(orders: OrderService) -> None:
    created = await orders.create(NEW)

    with pytest.raises(ReferenceTakenError):
        await orders.create(NEW)

    assert await orders.totals(OrderState.OPEN) == {created.id: 0}


async def test_order_is_paid_once(orders: OrderService, database: Database) -> None:
    async with database.session() as session:
        session.add(Order(id=KEY, reference="A-1", paid_at=utc_now()))

    with pytest.raises(AlreadyPaidError) as rejected:
        await orders.pay(KEY, payer=KEY)

    assert rejected.value.order_id == KEY


async def test_order_is_renamed(orders: OrderService) -> None:
    created = await orders.create(NEW)

    await orders.rename(created.id, "A-2")

    assert (await orders.get(created.id)).reference == "A-2"


async def test_unknown_order_is_not_found(orders: OrderService) -> None:
    with pytest.raises(OrderNotFoundError, match=str(KEY)):
        await orders.get(KEY)
