"""Reports of jobs that have failed."""

import asyncio
import gzip
from typing import ClassVar

import pytest

from app.core.crash_reports import report_crashes
from app.core.crash_settings import SentrySettings
from app.core.job_settings import JobsSettings
from app.db import Database
from app.jobs.handlers import JobContext, handles
from app.jobs.worker import Worker
from app.schemas.job import JobArguments
from app.services.jobs import enqueue
from tests.factories import make_settings

HIDDEN = "hunter2"


class Order(JobArguments):
    job_name: ClassVar[str] = "order"

    key: str


@handles(Order)
async def fail(job: Order, context: JobContext) -> None:
    raise RuntimeError(f"not valid: {job.key!r}")


# A report contains lines of source files.
@pytest.mark.blocks
async def test_failed_job_is_reported_once_after_its_last_attempt(
    database: Database,
) -> None:
    reports: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].split()[0])
        reports.append(gzip.decompress(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = JobsSettings(max_attempts=2, retry_seconds=0.01)
    worker = Worker(database, [fail], settings)
    async with database.begin() as transaction:
        job_id = await enqueue(transaction, Order(key=HIDDEN))
    sentry = SentrySettings(dsn=f"http://key@127.0.0.1:{port}/1")
    async with report_crashes(make_settings(sentry=sentry)):
        for _ in range(3):
            await worker.run_pending()
            await asyncio.sleep(0.05)
    server.close()

    [report] = reports
    for text in (b"RuntimeError", b"job order", str(job_id).encode()):
        assert text in report
    assert HIDDEN.encode() not in report
