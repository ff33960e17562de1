"""Webhooks of other services."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import ValidationError

from app.core.logging import get_logger
from app.schemas.order import OrderCreate

log = get_logger(__name__)
router = APIRouter(prefix="/hooks")

MAX_BYTES = 64 * 1024


async def read_event(request: Request) -> OrderCreate:
    """Parse the request body."""
    body = await request.body()
    if len(body) > MAX_BYTES:
        raise HTTPException(status_code=413, detail="Too much at once.")
    try:
        return OrderCreate.model_validate_json(body)
    except ValidationError as error:
        log.warning("hook_refused", problems=error.error_count())
        raise HTTPException(status_code=400, detail="Not an order.") from error


Event = Annotated[OrderCreate, Depends(read_event)]


@router.post("/orders", status_code=204)
async def receive_order(event: Event) -> None:
    """Log the order."""
    log.info("hook_received", reference=event.reference)
