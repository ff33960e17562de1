"""Runs a command of the update tools in the current folder."""

import sys
from importlib import import_module
from pathlib import Path

COMMANDS = ("update", "drift", "propose", "resource")


def main() -> int:
    """Run a command. Returns its exit code."""
    # Replaces the folder `upkeep/` itself: its modules are imported as a package.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    command, arguments = "".join(sys.argv[1:2]), sys.argv[2:]
    if command not in COMMANDS:
        print(f"upkeep: choose a command: {', '.join(COMMANDS)}", file=sys.stderr)
        return 1
    return int(import_module(f"upkeep.{command}").main(arguments))


if __name__ == "__main__":
    sys.exit(main())
