"""The rules about orders."""

import os
import subprocess  # nosec B404
import sys
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.base import utc_now
from app.models.order import Order
from app.schemas.order import OrderCreate
from app.services.orders import AlreadyPaidError, OrderService, ReferenceTakenError
from tests.fakes import FakeSession

KEY = UUID(int=1)
NEW = OrderCreate(reference="A-1", email="ada@example.com", lines=["lamp"])


class BrokenClock:
    """Must not be asked."""

    asked: int = 0

    def __call__(self) -> None:
        self.asked += 1


async def test_a_reference_is_taken_once() -> None:
    session = FakeSession(fails=IntegrityError("", None, Exception()))
    orders = OrderService(cast(AsyncSession, session))

    with pytest.raises(ReferenceTakenError):
        await orders.create(NEW)


async def test_nobody_pays_twice() -> None:
    paid = Order(id=KEY, reference="A-1", paid_at=utc_now(), lines=[])
    session = FakeSession(paid)

    with pytest.raises(AlreadyPaidError) as refused:
        await OrderService(cast(AsyncSession, session)).pay(KEY)

    assert refused.value.order_id == KEY


@pytest.mark.parametrize("lines", [["lamp"], ["lamp", "bulb"]])
def test_lines_keep_their_order(lines: list[str]) -> None:
    assert NEW.model_copy(update={"lines": lines}).lines == lines


@pytest.mark.blocks
def test_the_rules_need_no_settings() -> None:
    bare = {name: value for name, value in os.environ.items() if name != "LOG_LEVEL"}
    command = [sys.executable, "-c", "import app.services.orders"]

    assert subprocess.run(command, env=bare).returncode == 0  # nosec B603
