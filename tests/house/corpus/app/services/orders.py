"""The rules about orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.errors import ConflictError, NotFoundError
from app.core.logging import get_logger
from app.core.reader import Reader
from app.models.base import utc_now
from app.models.order import ONE_ORDER, Order, OrderLine
from app.schemas.order import OrderCreate, OrderRead

log = get_logger(__name__)

MOST_LINES = 100
Totals = dict[UUID, int]


class OrderNotFoundError(NotFoundError):
    """There is no such order."""

    code = "order_not_found"


class ReferenceTakenError(ConflictError):
    """Two orders can not share a reference."""

    code = "reference_taken"


class AlreadyPaidError(ConflictError):
    """Nobody pays twice."""

    code = "already_paid"

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"Order {order_id} is paid.")
        self.order_id = order_id


@dataclass(frozen=True, slots=True)
class OrderQueries:
    """What can be asked about orders."""

    reader: Reader

    async def get(self, order_id: UUID) -> OrderRead:
        """Return one order. Raises OrderNotFoundError."""
        row = await self.reader.row(ONE_ORDER, order_id=order_id)
        if row is None:
            raise OrderNotFoundError(f"There is no order {order_id}.")
        return OrderRead.model_validate(row)


@dataclass(frozen=True, slots=True)
class OrderService:
    """What can be done to orders, in a transaction that somebody else ends."""

    session: AsyncSession
    clock: Callable[[], datetime] = utc_now
    seen: list[UUID] = field(default_factory=list)

    async def create(self, data: OrderCreate) -> OrderRead:
        """Store a new order. Raises ReferenceTakenError."""
        order = Order(reference=data.reference, lines=self._lines(data.lines))
        self.session.add(order)
        try:
            await self.session.flush()
        except IntegrityError as error:
            log.info("refused", reference=data.reference, reason=str(error))
            raise ReferenceTakenError("There is an order like this.") from error
        return OrderRead.model_validate(order)

    async def pay(self, order_id: UUID) -> OrderRead:
        """Note that it is paid. Raises OrderNotFoundError, AlreadyPaidError."""
        query = select(Order).where(Order.id == order_id)
        query = query.options(selectinload(Order.lines)).with_for_update()
        order = await self.session.scalar(query)
        if order is None:
            raise OrderNotFoundError(f"There is no order {order_id}.")
        if order.is_paid:
            raise AlreadyPaidError(order_id)
        order.paid_at = self.clock()
        await self.session.flush()
        log.info("paid", order_id=str(order_id), lines=len(order.lines))
        return OrderRead.model_validate(order)

    def _lines(self, names: Sequence[str]) -> list[OrderLine]:
        numbered = enumerate(names[:MOST_LINES])
        return [OrderLine(position=number, name=name) for number, name in numbered]
