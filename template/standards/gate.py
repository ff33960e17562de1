"""Runs one gate, and forgives what is waived: `python -m standards.gate mypy`."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from standards.catalogue import FOLDER, MalformedError, Standard, read
from standards.gates import run
from standards.judge import forgiven


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Run the gate NAME, or COMMAND in its place (NAME COMMAND…): its exit code.

    0 when waived rules are all it complains about; 2 when there is no such gate.
    """
    name, *command = arguments
    try:
        standard = waiving(read(folder))
    except MalformedError as error:
        print(error, file=sys.stderr)
        return 2
    if name not in standard.gates:
        print(f"no gate is called {name}", file=sys.stderr)
        return 2
    line = " ".join(command) or standard.gates[name].command
    # Tools stand beside the interpreter, whether the environment is active or not.
    tools = Path(sys.executable).parent
    os.environ["PATH"] = os.pathsep.join([str(tools), os.environ.get("PATH", "")])
    if not standard.waivers:
        # Nothing to forgive: it is the tool itself, with its colours and its keys.
        os.execvp("bash", ["bash", "-c", line])  # nosec B606 B607
    outcome = replace(run(line), name=name)
    print(outcome.output, end="")
    return int(outcome.failed and not forgiven(standard, outcome))


def waiving(standard: Standard) -> Standard:
    """Leave out the waivers whose last day is over: they forgive nothing."""
    today = datetime.now(UTC).date()
    valid = {
        name: waiver
        for name, waiver in standard.waivers.items()
        if not waiver.expired(today)
    }
    return replace(standard, waivers=valid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
