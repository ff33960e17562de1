"""Orders with their lines, and the named queries about them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, Record

LONGEST_REFERENCE = 40
type Members = dict[str, Any]


class OrderState(StrEnum):
    """How far it has come."""

    OPEN = "open"
    PAID = "paid"


class Order(Record):
    """What somebody wants."""

    __tablename__ = "orders"
    __table_args__ = (CheckConstraint("total >= 0", name="total"),)

    reference: Mapped[str] = mapped_column(String(LONGEST_REFERENCE), unique=True)
    state: Mapped[str] = mapped_column(String(8), default=OrderState.OPEN)
    total: Mapped[int] = mapped_column(default=0)
    paid_at: Mapped[datetime | None]
    lines: Mapped[list["OrderLine"]] = relationship(
        lazy="raise", cascade="all, delete-orphan"
    )

    @property
    def is_paid(self) -> bool:
        """Whether nothing is owed."""
        return self.paid_at is not None


class OrderLine(Base):
    """One thing of an order."""

    __tablename__ = "order_lines"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))


ONE_ORDER = select(Order.id, Order.reference, Order.state, Order.total).where(
    Order.id == bindparam("order_id")
)
NUMBER_OF_ORDERS = select(func.count()).select_from(Order)
OPEN_OR_PAID = frozenset({OrderState.OPEN, OrderState.PAID})
