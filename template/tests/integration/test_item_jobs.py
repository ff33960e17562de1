"""Jobs of items: stored by the request, run by a worker."""

import pytest
from httpx2 import AsyncClient

from app.core.job_settings import JobsSettings
from app.db import Database
from app.jobs import HANDLERS
from app.jobs.worker import Worker
from app.services.jobs import JobService


async def test_new_item_is_announced_under_the_id_of_its_request(
    write_client: AsyncClient, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = {"X-Request-ID": "request-1"}
    await write_client.post("/api/v1/items", json={"name": "lamp"}, headers=headers)
    capsys.readouterr()

    await Worker(database, HANDLERS, JobsSettings()).run_pending()

    lines = capsys.readouterr().out.splitlines()
    [line] = [line for line in lines if '"item announced"' in line]
    assert '"item":"lamp"' in line and '"request_id":"request-1"' in line


async def test_rejected_item_stores_no_job(
    write_client: AsyncClient, database: Database
) -> None:
    for _ in range(2):
        await write_client.post("/api/v1/items", json={"name": "lamp"})

    assert len(await JobService(database).list_jobs(9)) == 1
