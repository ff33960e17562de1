"""`make bench`: compares the generated service with the reference."""

import os
import platform
import sys
from dataclasses import astuple, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from extensions.bench.contest import API, Contest, contest
from extensions.bench.load import SECONDS, Figures, LoadError, load, wrk
from extensions.bench.report import write

ROUNDS = 5
MINUTE = 60


def main() -> int:
    """Measure, update the documents, and return 1 if a limit is exceeded."""
    minutes = int(os.environ.get("MINUTES") or 0)
    try:
        wrk()
        with TemporaryDirectory(prefix="bench-") as folder:
            with contest(Path(folder)) as both:
                found = {kind: rounds(both, kind) for kind in both.paths}
                memory = endurance(both, minutes)
    except LoadError as error:
        print(error, file=sys.stderr)
        return 1
    return write(found, memory, f"{platform.machine()}, {os.cpu_count()} processors")


def rounds(both: Contest, kind: str) -> tuple[Figures, Figures]:
    """Measure both in turn, and return the medians of the service and the reference."""
    sides = (both.service, both.reference)
    seen: tuple[list[Figures], list[Figures]] = ([], [])
    for number in range(ROUNDS + 1):
        for side, figures in zip(sides, seen, strict=True):
            url = f"{side.url}{API}{both.paths[kind]}"
            process = side.process.pid
            done = load(process, url, both.scripts.get(kind), SECONDS)
            # The first round is a warm-up.
            figures.extend([done] if number else [])
            print(f"{kind:7}{done}", file=sys.stderr, flush=True)
    # Each pair ran at the same time, so other load affects both.
    pairs = [
        replace(ours, share=bare.cpu / ours.cpu)
        for ours, bare in zip(*seen, strict=True)
    ]
    return medians(pairs), medians(seen[1])


def medians(seen: list[Figures]) -> Figures:
    """Return the median of each figure."""
    return Figures(*map(median, zip(*map(astuple, seen), strict=True)))


def endurance(both: Contest, minutes: int) -> list[float]:
    """Return the memory of the service in MB, at the start and after each minute."""
    process = both.service.process.pid
    held = [both.service.megabytes()]
    kinds = list(both.paths)
    for minute in range(minutes):
        kind = kinds[minute % len(kinds)]
        url = f"{both.service.url}{API}{both.paths[kind]}"
        load(process, url, both.scripts.get(kind), MINUTE)
        held.append(both.service.megabytes())
        print(f"minute {minute + 1}: {held[-1]:.1f} MB", file=sys.stderr, flush=True)
    return held if minutes else []


if __name__ == "__main__":
    sys.exit(main())
