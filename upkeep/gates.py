"""The checks of a project after an update."""

import subprocess  # nosec B404
import sys

# Targets of make. After an update the lock does not match pyproject.toml, and the code
# has another schema.
TARGETS = ("lock", "install", "openapi", "check")
COMMAND = f"make {' '.join(TARGETS)}"


def run() -> bool:
    """Run all as people do; the output goes to standard error."""
    for target in TARGETS:
        command = ["make", "--no-print-directory", target]
        if subprocess.call(command, stdout=sys.stderr):  # nosec B603
            print(f"update: make {target} failed", file=sys.stderr)
            return False
    return True
