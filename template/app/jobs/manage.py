"""The command `make jobs`: lists, shows, retries and discards jobs."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from uuid import UUID

from app.core.config import Settings
from app.core.errors import AppError
from app.db.factory import open_database
from app.schemas.job import JobRead
from app.services.jobs import JobService

HELP = "list, show ID, retry ID or discard ID"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Raises SystemExit, with a message after an error."""
    parser = argparse.ArgumentParser("make jobs", description="Manage background jobs.")
    commands = parser.add_subparsers(dest="command", required=True, metavar=HELP)
    listing = commands.add_parser("list")
    listing.add_argument("--count", type=int, default=50)
    for name in ("show", "retry", "discard"):
        commands.add_parser(name).add_argument("ids", nargs="+", type=UUID)
    # The output of a command is no log record.
    # ast-grep-ignore: LOG-02
    sys.stdout.write(asyncio.run(run(parser.parse_args(arguments))))


async def run(options: argparse.Namespace) -> str:
    """Run the chosen command, and return its output."""
    database = open_database(Settings.read().database)
    service = JobService(database)
    try:
        if options.command == "list":
            return await list_jobs(service, options.count)
        return "".join(
            [await apply(service, options.command, it) for it in options.ids]
        )
    except AppError as error:
        raise SystemExit(str(error)) from None
    finally:
        await database.close()


async def apply(service: JobService, command: str, job_id: UUID) -> str:
    """Show, retry or discard one job."""
    if command == "show":
        job = await service.get(job_id)
        fields = {"state": job.state, **job.model_dump(mode="json")}
        return "".join(f"{name:12}{value}\n" for name, value in fields.items()) + "\n"
    if command == "retry":
        await service.retry(job_id)
        return f"{job_id}: due now\n"
    await service.discard(job_id)
    return f"{job_id}: discarded\n"


async def list_jobs(service: JobService, count: int) -> str:
    """Return a table of the queues, and one of the jobs."""
    queues = [
        f"{one.queue}: {one.waiting} waiting, {one.running} running,"
        f" {one.retrying} retrying, {one.failed} failed,"
        f" the oldest due for {one.oldest_seconds:.0f} s\n"
        for one in await service.stats()
    ]
    jobs = [describe(job) for job in await service.list_jobs(count)]
    return "".join([*queues, "\n", *jobs]) if queues else "no jobs\n"


def describe(job: JobRead) -> str:
    """Return a job as one line."""
    reason = (job.error or "").partition("\n")[0][:80]
    return f"{job.id}  {job.state:9} {job.name} {job.attempts} {reason}".rstrip() + "\n"


if __name__ == "__main__":
    main()
