"""Ends the processes of a run when the run has ended, even if it was killed.

The run starts this script, and keeps the other end of its standard input open. Every
process of the run has the variable `FLEET_RUN` in its environment, so that those in a
session of their own are found as well. Systems without /proc list the children of the
run instead: there, those of a run that was killed are not found.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

VARIABLE = "FLEET_RUN"
# A process that is being started is found by a later search.
SEARCHES, PAUSE, LONGEST = 3, 0.02, 5.0


def main(run: str, temporary: str) -> None:
    """Wait for the end of the run; kill its processes, remove its temporary files."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    parent = os.getppid()
    sys.stdin.read()
    if Path("/proc/self/environ").exists():
        end(lambda: processes(f"{VARIABLE}={run}"))
    else:
        end(lambda: children(parent))
    shutil.rmtree(temporary, ignore_errors=True)


def end(search: Callable[[], list[int]]) -> None:
    """Kill processes until several searches find none; some can not be killed."""
    empty, last = 0, time.monotonic() + LONGEST
    while empty < SEARCHES and time.monotonic() < last:
        found = search()
        empty = 0 if found else empty + 1
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(PAUSE)


def processes(variable: str) -> list[int]:
    """Return the processes with this variable in their environment."""
    found: list[int] = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        # Processes of other people, and those that have just ended.
        with suppress(OSError):
            if variable.encode() in file.read_bytes().split(b"\0"):
                found.append(int(file.parent.name))
    return found


def children(parent: int) -> list[int]:
    """Return the processes that a process has started, and theirs, without this one."""
    listed = subprocess.run(
        ["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False
    )
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = [parent]
    for one in found:
        found += [it for it, above in pairs if above == one and it != os.getpid()]
    return found[1:]


if __name__ == "__main__":
    main(*sys.argv[1:])
