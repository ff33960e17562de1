"""What the platform asks: is the process alive, and may it get traffic."""

from fastapi import APIRouter, Request

from app.api.deps import database_of
from app.api.errors import documented
from app.core.drain import Drain
from app.core.errors import UnavailableError
from app.schemas.health import Health

router = APIRouter(prefix="/health", tags=["health"])


class DrainingError(UnavailableError):
    """The service is on its way out."""

    code = "draining"


@router.get("/live")
async def live() -> Health:
    """Answer as long as the process can: nothing else is asked."""
    return Health(status="ok")


@router.get("/ready", responses=documented(503))
async def ready(request: Request) -> Health:
    """Answer 503 while draining, and while the database can not be reached."""
    drain: Drain = request.app.state.drain
    if drain.started:
        raise DrainingError("The service is shutting down.")
    await database_of(request).ping()
    return Health(status="ok")
