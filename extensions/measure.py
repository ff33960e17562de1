"""`make measure`: compares time and memory with the promised limits."""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from httpx2 import AsyncClient

from extensions.questions import ROOT
from extensions.serving import serving

RUNS = 5
REQUESTS = 10_000
VARIABLES = os.environ | {"ENVIRONMENT": "test"}


def main() -> None:
    """Print each figure beside its limit."""
    with TemporaryDirectory(prefix="measure-") as folder:
        place = Path(folder)
        project = place / "my-service"
        report("copier copy --defaults", copy_cpu(place), "CPU s", 1.0)
        report("make service", wall("make", "service", f"DEST={project}"), "s", 60)
        wall("make", "check", cwd=project)
        report("make check, warm", wall("make", "check", cwd=project), "s", 40)
        run(f"{project}/.venv/bin/alembic", "upgrade", "head", cwd=project)
        report("start to ready", start_seconds(project), "s", 1.5)
        report(f"memory after {REQUESTS} requests", memory(project), "MB", 110)


def report(what: str, figure: float, unit: str, promised: float) -> None:
    """Print one figure beside its limit."""
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
    """Return the median of several runs, after a warm-up."""
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


def start_seconds(project: Path) -> float:
    """Return the seconds from the start of the process to the first 200."""

    def once(_: int) -> float:
        started = time.monotonic()
        with serving(project, VARIABLES):
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

    with serving(project, VARIABLES) as served:
        asyncio.run(ask(served.url))
        return served.megabytes()


if __name__ == "__main__":
    main()
