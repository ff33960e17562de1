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


class SchemaOutdatedError(UnavailableError):
    """The migrations of this release have not run."""

    code = "schema_outdated"


@router.get("/live")
async def live() -> Health:
    """Respond while the process runs; nothing else is checked."""
    return Health(status="ok")


@router.get("/ready", responses=problem_responses(503))
async def ready(request: Request) -> Health:
    """Respond 503 while draining, and until the database is there and migrated."""
    if request.app.state.drain.started:
        raise DrainingError("The service is shutting down.")
    database = get_database(request)
    await database.ping()
    if not await database.is_migrated():
        raise SchemaOutdatedError("The migrations of this release have not run.")
    return Health(status="ok")
