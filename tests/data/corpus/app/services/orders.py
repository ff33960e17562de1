"""Business rules of orders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import ConflictError, NotFoundError
from app.core.logging import get_logger
from app.db import ConstraintViolationError, Database, Row, conflict
from app.models.base import new_row
from app.models.order import (
    INSERT_LINE,
    INSERT_ORDER,
    ORDER_BY_ID,
    ORDERS_BY_STATE,
    RENAME_ORDER,
    Order,
    OrderState,
    order_for_update,
)
from app.schemas.order import OrderCreate, OrderRead

log = get_logger(__name__)

MAX_LINES = 100
Totals = dict[UUID, int]


class OrderNotFoundError(NotFoundError):
    """There is no order with this ID."""

    code = "order_not_found"


class ReferenceTakenError(ConflictError):
    """Two orders can not share a reference."""

    code = "reference_taken"


class AlreadyPaidError(ConflictError):
    """An order is paid once."""

    code = "already_paid"

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"Order {order_id} is paid.")
        self.order_id = order_id


@dataclass(frozen=True, slots=True)
class OrderService:
    """Reads and changes orders. Each method is one transaction."""

    db: Database
    clock: Clock = utc_now
    seen: list[UUID] = field(default_factory=list)

    async def get(self, order_id: UUID) -> OrderRead:
        """Return one order. Raises OrderNotFoundError."""
        row = await self.db.fetchrow(ORDER_BY_ID, order_id=order_id)
        if row is None:
            raise OrderNotFoundError(f"There is no order {order_id}.")
        return OrderRead.model_validate(row)

    async def totals(self, state: OrderState) -> Totals:
        """Return the totals of all orders in a state."""
        rows = await self.db.fetch(ORDERS_BY_STATE, state=state)
        return {row["id"]: row["total"] for row in rows}

    async def create(self, data: OrderCreate) -> OrderRead:
        """Store a new order. Raises ReferenceTakenError."""
        values = {"reference": data.reference, "state": OrderState.OPEN, "total": 0}
        order = new_row(Order, values, self.clock())
        lines = self._lines(order, data.lines)
        taken = ReferenceTakenError(f"There is an order {data.reference!r}.")
        with conflict(on="uq_orders_reference", error=taken):
            async with self.db.begin() as transaction:
                await transaction.execute(INSERT_ORDER, order)
                await transaction.execute(INSERT_LINE, *lines)
        return OrderRead.model_validate(order)

    async def rename(self, order_id: UUID, reference: str) -> None:
        """Change the reference. Raises OrderNotFoundError, ReferenceTakenError."""
        values = {"order_id": order_id, "new_reference": reference}
        try:
            renamed = await self.db.fetchval(RENAME_ORDER, **values)
        except ConstraintViolationError as error:
            log.info("refused", constraint=error.constraint, reason=str(error))
            raise ReferenceTakenError("There is an order like this.") from error
        if renamed is None:
            raise OrderNotFoundError(f"There is no order {order_id}.")

    async def pay(self, order_id: UUID, payer: UUID) -> OrderRead:
        """Store the payment. Raises OrderNotFoundError, AlreadyPaidError."""
        async with self.db.session() as session:
            order = await session.scalar(order_for_update(order_id))
            if order is None:
                raise OrderNotFoundError(f"There is no order {order_id}.")
            if order.is_paid:
                raise AlreadyPaidError(order_id)
            order.state, order.paid_at = OrderState.PAID, self.clock()
            await session.flush()
            log.info("paid", order_id=str(order_id), payer=str(payer))
            return OrderRead.model_validate(order)

    def _lines(self, order: Row, names: Sequence[str]) -> list[dict[str, Any]]:
        numbered = enumerate(names[:MAX_LINES])
        return [
            {"order_id": order["id"], "position": number, "name": name}
            for number, name in numbered
        ]
