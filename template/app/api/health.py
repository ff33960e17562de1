"""Health probes: liveness and readiness."""

from fastapi import APIRouter, Request

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.core.errors import UnavailableError
from app.schemas.health import Health

router = APIRouter(prefix="/health", tags=["health"])


class DrainingError(UnavailableError):
    """The service is shutting down."""

    code = "draining"


@router.get("/live")
async def live() -> Health:
    """Respond while the process runs; nothing else is checked."""
    return Health(status="ok")


@router.get("/ready", responses=problem_responses(503))
async def ready(request: Request) -> Health:
    """Respond 503 while draining, and while the database can not be reached."""
    if request.app.state.drain.started:
        raise DrainingError("The service is shutting down.")
    await get_database(request).ping()
    return Health(status="ok")
