"""Measures what the template promises about time and memory; `make measure`."""

import asyncio
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from httpx2 import AsyncClient, Client, HTTPError

from extensions.questions import ROOT

RUNS = 5
REQUESTS = 10_000


def main() -> None:
    """Print one line for each figure: what was measured, and what was promised."""
    with TemporaryDirectory(prefix="measure-") as folder:
        place = Path(folder)
        project = place / "my-service"
        report("copier copy --defaults", copy_cpu(place), "CPU s", 1.2)
        report("make service", wall("make", "service", f"DEST={project}"), "s", 60)
        wall("make", "check", cwd=project)
        report("make check, warm", wall("make", "check", cwd=project), "s", 40)
        run(f"{project}/.venv/bin/alembic", "upgrade", "head", cwd=project)
        report("start to ready", start_seconds(project), "s", 1.5)
        report(f"memory after {REQUESTS} requests", memory(project), "MB", 110)


def report(what: str, figure: float, unit: str, promised: float) -> None:
    """Print a figure beside its promise."""
    print(f"{what:32} {figure:7.2f} {unit:6} promised: {promised:g}", flush=True)


def run(*command: str, cwd: Path = ROOT) -> None:
    """Run a command to its end. Raises CalledProcessError."""
    nowhere = subprocess.DEVNULL
    subprocess.run(command, cwd=cwd, check=True, stdout=nowhere, stderr=nowhere)


def wall(*command: str, cwd: Path = ROOT) -> float:
    """Return the seconds that a command takes."""
    started = time.monotonic()
    run(*command, cwd=cwd)
    return time.monotonic() - started


def median(measure: Callable[[int], float]) -> float:
    """Return the median of several runs, after one that does not count."""
    return statistics.median([measure(number) for number in range(RUNS + 1)][1:])


def copy_cpu(place: Path) -> float:
    """Return the CPU seconds of a whole `copier copy`, its children included."""
    copier = str(Path(sys.executable).with_name("copier"))
    clone = str(place / "clone")
    run("git", "clone", "--quiet", str(ROOT), clone)

    def once(number: int) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run(copier, "copy", "--defaults", "--quiet", clone, str(place / f"{number}"))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        user, system = (
            after.ru_utime - before.ru_utime,
            after.ru_stime - before.ru_stime,
        )
        return user + system

    return median(once)


@contextmanager
def service(project: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start the service and wait for the first 200 of its readiness probe."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uvicorn = str(project / ".venv/bin/uvicorn")
    command = [uvicorn, "app.main:create_app", "--factory", f"--port={port}"]
    process = subprocess.Popen(
        command,
        cwd=project,
        env=os.environ | {"ENVIRONMENT": "test"},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process, url)
        yield process, url
    finally:
        process.kill()
        process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    """Ask until the service says that it is ready. Raises RuntimeError if it ends."""
    with Client(base_url=url) as client:
        while process.poll() is None:
            try:
                if client.get("/health/ready").status_code == 200:
                    return
            except HTTPError:
                time.sleep(0.01)
    raise RuntimeError("the service did not start")


def start_seconds(project: Path) -> float:
    """Return the seconds from the start of the process to the first 200."""

    def once(_: int) -> float:
        started = time.monotonic()
        with service(project):
            return time.monotonic() - started

    return median(once)


def memory(project: Path) -> float:
    """Return the resident megabytes after many requests."""

    async def ask(url: str) -> None:
        async with AsyncClient(base_url=url, timeout=30) as client:
            for _ in range(REQUESTS // 20):
                asked = [client.get("/api/v1/items") for _ in range(20)]
                for answer in await asyncio.gather(*asked):
                    answer.raise_for_status()

    with service(project) as (process, url):
        asyncio.run(ask(url))
        shown = ["ps", "-o", "rss=", "-p", str(process.pid)]
        return int(subprocess.check_output(shown)) / 1024


if __name__ == "__main__":
    main()
