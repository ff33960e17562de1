"""Orders and their lines: tables and queries."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Select,
    String,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from app.models.base import Base, Record

REFERENCE_LENGTH = 40
type Fields = dict[str, Any]


class OrderState(StrEnum):
    """State of an order."""

    OPEN = "open"
    PAID = "paid"


class Order(Record):
    """An order. Its reference is unique."""

    __tablename__ = "orders"
    __table_args__ = (CheckConstraint("total >= 0", name="total"),)

    reference: Mapped[str] = mapped_column(String(REFERENCE_LENGTH), unique=True)
    state: Mapped[str] = mapped_column(String(8), default=OrderState.OPEN)
    total: Mapped[int] = mapped_column(default=0)
    paid_at: Mapped[datetime | None]
    lines: Mapped[list["OrderLine"]] = relationship(
        lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def is_paid(self) -> bool:
        """Whether the order is paid."""
        return self.paid_at is not None


class OrderLine(Base):
    """A line of an order."""

    __tablename__ = "order_lines"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))


ORDER_BY_ID = select(Order.id, Order.reference, Order.state, Order.total).where(
    Order.id == bindparam("order_id")
)
ORDER_COUNT = select(func.count()).select_from(Order)
ORDERS_BY_STATE = (
    select(Order.id, Order.total)
    .where(Order.state == bindparam("state"))
    .order_by(Order.id)
)
INSERT_ORDER, INSERT_LINE = insert(Order), insert(OrderLine)
RENAME_ORDER = (
    update(Order)
    .where(Order.id == bindparam("order_id"))
    .values(reference=bindparam("new_reference"))
    .returning(Order.id)
)
OPEN_OR_PAID = frozenset({OrderState.OPEN, OrderState.PAID})


def order_for_update(order_id: UUID) -> Select[Order]:
    """Select an order with its lines, locked until the transaction ends."""
    query = select(Order).where(Order.id == order_id).with_for_update()
    return query.options(selectinload(Order.lines))
