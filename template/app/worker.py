"""The composition root of a worker: an application that runs jobs and serves probes.

`uvicorn app.worker:create_worker --factory` starts it, as it does the service.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.api import errors, middleware
from app.api.health import router as health
from app.api.queues import router as queue_stats
from app.core.about import NAME
from app.core.config import Settings
from app.core.drain import Drain
from app.core.logging import configure_logging, get_logger
from app.db.factory import open_database
from app.jobs import HANDLERS, PERIODIC
from app.jobs.worker import Worker

log = get_logger(__name__)


def create_worker(settings: Settings | None = None) -> FastAPI:
    """Create the application of a worker. Nothing connects before it starts.

    Raises SystemExit, with one line for each missing or invalid setting.
    """
    settings = settings or Settings.read()
    check_queues(settings)
    configure_logging(settings.log, readable=settings.logs_are_text)
    app = FastAPI(
        title=f"{NAME}: worker",
        lifespan=lifespan,
        middleware=middleware.create_middleware(settings),
        openapi_url=None,
    )
    app.state.settings = settings
    app.state.database = open_database(settings.database)
    app.state.drain = Drain(settings.shutdown)
    errors.add_error_handlers(app)
    app.include_router(health)
    app.include_router(queue_stats)
    return app


def check_queues(settings: Settings) -> None:
    """Raise SystemExit if a handler has no queue, or a job would get no connection."""
    places = settings.jobs.places
    missing = {handler.arguments.job_queue for handler in HANDLERS} - places.keys()
    if missing:
        raise SystemExit(
            f"JOBS_QUEUES: add {', '.join(sorted(missing))}, with the number of jobs"
            " that run at once, or 0 if other workers run them"
        )
    # One more is for the claims.
    if (needed := sum(places.values()) + 1) > settings.database.pool_size:
        raise SystemExit(
            f"JOBS_QUEUES: its jobs need {needed} connections;"
            " raise DATABASE_POOL_SIZE, or run fewer jobs at once"
        )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Run jobs while the application runs; finish or give back those that run."""
    settings: Settings = app.state.settings
    worker = Worker(
        app.state.database,
        HANDLERS,
        settings.jobs,
        periodic=PERIODIC,
        # SQLite has one writer at a time.
        capacity=1 if settings.database.is_sqlite else None,
    )
    loop = asyncio.create_task(worker.run())
    loop.add_done_callback(end_process)
    yield
    await worker.stop(settings.shutdown.grace_seconds)
    await asyncio.wait([loop])
    await app.state.database.close()


def end_process(loop: asyncio.Task[None]) -> None:
    """End the process if the loop has crashed, so that it is started again."""
    if not loop.cancelled() and (error := loop.exception()):
        log.error("worker crashed", error=repr(error))
        signal.raise_signal(signal.SIGTERM)
