"""Jobs under faults: killed workers, a restarted database, a job that ends workers."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from extensions.postgresql import Server
from extensions.questions import ROOT
from extensions.serving import READY, environment, migrate, serving
from tests.support.fixture_types import Project
from tests.support.matrix import EVERYTHING
from tests.support.running_service import PATIENCE, console
from tests.support.service import Service

PROBE = ROOT / "tests" / "data" / "project_tests" / "probe_jobs.py"
WORKER = ("probe_jobs:create_worker", "--factory")
LEFT = "SELECT count(*) FROM jobs WHERE failed_at IS NULL"


@dataclass
class Workers:
    """Workers of a project with the probe's jobs, and their database."""

    project: Path
    server: Server
    logs: Path
    stack: ExitStack
    variables: dict[str, str]
    numbers: Iterator[int] = field(default_factory=count)

    def start(self, ready: str | None = READY) -> Service:
        """Start a worker, and wait until it is ready, unless that is None."""
        log = self.logs / f"{next(self.numbers)}.log"
        served = self.stack.enter_context(
            serving(self.project, self.variables, log=log, ready=ready, target=WORKER)
        )
        return Service(served.process, served.url, log)

    def enqueue(self, name: str, first: int, last: int) -> None:
        """Store a job for each number."""
        python = self.project / ".venv/bin/python"
        command = [str(python), str(PROBE), name, str(first), str(last)]
        subprocess.run(command, cwd=self.project, env=self.variables, check=True)

    def rows(self, statement: str) -> list[str]:
        """Run a statement in a new session, and return its rows."""
        url = self.variables["DATABASE_URL"]
        with console(self.server, url) as session:
            return session.rows(statement)

    def effects(self) -> Counter[str]:
        """Return how often each job has stored its row."""
        return Counter(self.rows("SELECT number FROM effects"))

    def until(self, statement: str, least: int) -> None:
        """Wait until a count has reached a value."""
        end = time.monotonic() + PATIENCE
        while int(self.rows(statement)[0]) < least:
            assert time.monotonic() < end, statement
            time.sleep(0.05)

    def until_idle(self) -> None:
        """Wait until no job is left but those that have failed."""
        self.until(f"SELECT ({LEFT}) * -1", 0)


@pytest.fixture
def workers(project: Project, server: Server, tmp_path: Path) -> Iterator[Workers]:
    url, folder = server.database(), project(EVERYTHING)
    variables = environment(url, PYTHONPATH=f"{folder}:{PROBE.parent}")
    migrate(folder, variables)
    with ExitStack() as stack:
        yield Workers(folder, server, tmp_path, stack, variables)


def run_with_faults(workers: Workers, jobs: int, kills: int, restarts: int) -> None:
    """Run jobs, while workers are killed and the database is restarted."""
    workers.enqueue("count", 0, jobs)
    running = [workers.start(), workers.start()]
    faults = ["kill"] * kills
    for number in range(restarts):
        faults.insert((number + 1) * kills // (restarts + 1), "restart")
    for done, fault in enumerate(faults, 1):
        enough = jobs * done // (len(faults) + 2)
        workers.until("SELECT count(*) FROM effects", enough)
        if fault == "restart":
            workers.server.down("fast")
            workers.server.up()
        else:
            running.pop(0).end(signal.SIGKILL)
            running.append(workers.start())
    workers.until_idle()


def test_killed_workers_lose_and_double_no_job(workers: Workers) -> None:
    run_with_faults(workers, jobs=1000, kills=5, restarts=1)

    effects = workers.effects()
    assert len(effects) == 1000  # none is lost
    assert effects.total() == 1000  # none is doubled
    assert workers.rows("SELECT count(*) FROM jobs") == ["0"]


@pytest.mark.nightly
def test_many_killed_workers_lose_and_double_no_job(workers: Workers) -> None:
    run_with_faults(workers, jobs=10_000, kills=25, restarts=5)

    effects = workers.effects()
    assert (len(effects), effects.total()) == (10_000, 10_000)


def test_job_that_ends_its_worker_fails_and_the_others_run(workers: Workers) -> None:
    workers.variables["JOBS_MAX_ATTEMPTS"] = "2"
    workers.enqueue("kill", 0, 1)
    workers.enqueue("count", 1, 101)
    end = time.monotonic() + PATIENCE
    worker = workers.start(ready=None)  # It may end before it is ready.
    while workers.rows(LEFT) != ["0"] and time.monotonic() < end:
        if worker.process.poll() is not None:  # as a platform does
            worker = workers.start(ready=None)
        time.sleep(0.1)

    assert workers.effects().total() == 100
    [reason] = workers.rows("SELECT error FROM jobs")
    assert "its worker ended in each attempt" in reason


def test_sigterm_finishes_short_jobs_and_gives_back_long_ones(workers: Workers) -> None:
    workers.variables["SHUTDOWN_GRACE_SECONDS"] = "2"
    workers.enqueue("sleep", 1, 2)
    workers.enqueue("sleep", 100, 101)
    worker = workers.start()
    workers.until("SELECT count(*) FROM jobs WHERE worker IS NOT NULL", 2)

    status = worker.end(signal.SIGTERM)

    assert status in (0, -signal.SIGTERM)
    assert workers.effects() == {"1": 1}
    left = "SELECT attempts, worker IS NULL, due_at <= now() FROM jobs"
    assert workers.rows(left) == ["0|t|t"]


def test_frozen_database_loses_no_job(workers: Workers) -> None:
    workers.enqueue("count", 0, 300)
    workers.start()
    workers.until("SELECT count(*) FROM effects", 50)
    with workers.server.frozen():
        time.sleep(8)

    workers.until_idle()

    assert workers.effects() == {str(number): 1 for number in range(300)}
