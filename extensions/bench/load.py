"""Sends requests with wrk, and measures the CPU time of the server."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32
SECONDS = 5
# wrk's units in milliseconds.
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
COUNT = re.compile(r"(\d+) requests in ([\d.]+)(s|m)\b")
LATENCY = re.compile(r"(50|99)%\s+([\d.]+)(us|ms|s|m)\b")
FAILED = re.compile(r"Non-2xx.*|Socket errors.*")


@dataclass(frozen=True)
class Figures:
    """The results of a run of wrk."""

    cpu: float  # CPU time of the server for each request, in microseconds.
    rate: float  # Requests per second.
    p50: float  # Milliseconds.
    p99: float
    share: float = 1.0  # Speed relative to the reference, by CPU time.


class LoadError(Exception):
    """Requests failed, so the run measures nothing."""


def wrk() -> str:
    """Return the path of wrk. Raises LoadError."""
    found = shutil.which("wrk")
    if found is None:
        raise LoadError("wrk is not on PATH: apt-get install wrk, or brew install wrk")
    return found


def load(process: int, url: str, script: Path | None, seconds: int) -> Figures:
    """Send requests for some seconds. Raises LoadError if one fails."""
    asked = [wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    asked += [] if script is None else ["-s", str(script)]
    before = cpu_seconds(process)
    done = subprocess.run([*asked, url], capture_output=True, text=True, check=True)
    spent = cpu_seconds(process) - before
    if failed := FAILED.search(done.stdout):
        raise LoadError(f"{url}: {failed[0].strip()}")
    return figures(done.stdout, spent)


def figures(output: str, spent: float) -> Figures:
    """Parse the output of wrk. Raises LoadError if it has another form."""
    count = COUNT.search(output)
    times = {
        share: float(n) * UNITS[unit] for share, n, unit in LATENCY.findall(output)
    }
    if count is None or times.keys() != {"50", "99"}:
        raise LoadError(f"wrk printed: {output}")
    requests, seconds = int(count[1]), float(count[2]) * UNITS[count[3]] / 1000
    return Figures(spent / requests * 1e6, requests / seconds, times["50"], times["99"])


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process so far, user and system (Linux only)."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
