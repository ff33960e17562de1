"""Runs gates side by side, each command once."""

import os
import subprocess  # nosec B404
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from standards.catalogue import FOLDER, Gate


@dataclass(frozen=True)
class Outcome:
    """What a gate said."""

    name: str
    command: str
    failed: bool
    output: str
    seconds: float


def run_all(
    gates: dict[str, Gate], kinds: Collection[str] | None = None
) -> list[Outcome]:
    """Run the gates of these kinds, or of all; gates may share a command."""
    chosen = {
        name: gate
        for name, gate in gates.items()
        if kinds is None or gate.kind in kinds
    }
    asked = {name: gates.get(gate.within, gate) for name, gate in chosen.items()}
    # What takes long begins first.
    slow = sorted(asked.values(), key=lambda gate: gate.kind != "run")
    commands = list(dict.fromkeys(gate.command for gate in slow))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = dict(zip(commands, pool.map(run, commands), strict=True))
    return [replace(done[gate.command], name=name) for name, gate in asked.items()]


def run(command: str) -> Outcome:
    """Run one command in the project's folder, to its end."""
    begin = time.monotonic()
    # The commands are the project's own; they stand in gates.yml.
    completed = subprocess.run(  # nosec B603 B607
        ["bash", "-c", command],
        cwd=FOLDER.parent,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(
        name="",
        command=command,
        failed=completed.returncode != 0,
        output=completed.stdout + completed.stderr,
        seconds=time.monotonic() - begin,
    )
