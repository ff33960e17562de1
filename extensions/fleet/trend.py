"""The trend: one line of JSON for each run, in `runs.jsonl` of the work folder."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extensions.fleet.result import Result

FILE = "runs.jsonl"
UNDER_WAY, ENDED, INTERRUPTED = "under way", "ended", "interrupted"

Line = dict[str, Any]


def line(
    results: list[Result], began: datetime, seconds: float, state: str, kind: str
) -> Line:
    """Return the numbers of a run."""
    requests = Counter(it.request for it in results if it.request)
    return {
        "began": began.isoformat(timespec="seconds"),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": seconds,
        "state": state,
        "kind": kind,
        "repositories": len(results),
        "visited": sum(it.now for it in results),
        "states": dict(Counter(it.state for it in results)),
        "gates": dict(Counter(it.gates for it in results if it.now)),
        "releases": dict(Counter(it.before for it in results if it.before)),
        "pushed": sum(it.pushed for it in results),
        "requests": dict(requests),
    }


def append(work: Path, numbers: Line) -> None:
    """Add a run to the file."""
    with (work / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(numbers) + "\n")


def read(work: Path) -> list[Line]:
    """Return the runs; a line that an interruption has cut is left out."""
    file = work / FILE
    runs: list[Line] = []
    for text in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            runs.append(json.loads(text))
        except ValueError:
            continue
    return runs
