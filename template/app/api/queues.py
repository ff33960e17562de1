"""Routes of workers: the depth and the age of the queues."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.schemas.job import QUEUE_METRICS, QueueStats
from app.services.jobs import JobService

router = APIRouter(tags=["health"], responses=problem_responses(503))


async def get_job_service(request: Request) -> JobService:
    """Create the service for one request."""
    return JobService(get_database(request))


Jobs = Annotated[JobService, Depends(get_job_service)]


@router.get("/health/queues")
async def read_queues(jobs: Jobs) -> list[QueueStats]:
    """Return the state of each queue that has jobs."""
    return await jobs.stats()


@router.get("/metrics", response_class=PlainTextResponse)
async def read_metrics(jobs: Jobs) -> str:
    """Return the same in the text format of Prometheus."""
    stats = await jobs.stats()
    lines = [
        f'jobs_{metric}{{queue="{one.queue}"}} {getattr(one, metric)}'
        for metric in QUEUE_METRICS
        for one in stats
    ]
    return "\n".join([*lines, ""])
