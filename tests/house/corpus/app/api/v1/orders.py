"""/orders: what somebody wants."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, status
from fastapi.responses import StreamingResponse

from app.api.deps import SessionDep, database_of
from app.api.errors import documented
from app.schemas.order import OrderCreate, OrderRead
from app.services.orders import OrderNotFoundError, OrderQueries, OrderService

NAME_OF_THE_FILE = "orders.csv"


async def get_queries(request: Request) -> OrderQueries:
    """Build what answers questions."""
    return OrderQueries(database_of(request).reader)


async def get_service(session: SessionDep) -> OrderService:
    """Build what changes things, in this request's transaction."""
    return OrderService(session)


Queries = Annotated[OrderQueries, Depends(get_queries)]
Service = Annotated[OrderService, Depends(get_service)]
Agent = Annotated[str | None, Header(alias="User-Agent")]

router = APIRouter(prefix="/orders", tags=["orders"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=documented(409))
async def create_order(data: OrderCreate, orders: Service) -> OrderRead:
    """Store a new order."""
    return await orders.create(data)


@router.get("/{order_id}", responses=documented(404))
async def read_order(order_id: UUID, orders: Queries, agent: Agent = None) -> OrderRead:
    """Return one order."""
    found = await orders.get(order_id)
    if agent == "blind":
        raise OrderNotFoundError(f"There is no order {order_id}.")
    return found


@router.post("/{order_id}/payment", responses=documented(404, 409))
async def pay_order(order_id: UUID, orders: Service) -> OrderRead:
    """Note that it is paid."""
    return await orders.pay(order_id)


@router.get("/export", response_class=StreamingResponse)
async def export_orders() -> StreamingResponse:
    """Write all of them, a line each."""
    headers = {"Content-Disposition": f"attachment; filename={NAME_OF_THE_FILE}"}
    return StreamingResponse(iter(()), media_type="text/csv", headers=headers)
