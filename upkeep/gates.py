"""The checks of a project after an update."""

import subprocess  # nosec B404
import sys

from upkeep.git import ROOT

# The targets of a repository that adopted the standard without the application.
TASKS = ROOT / "standards" / "tasks.mk"
# Targets of make. After an update the lock does not match pyproject.toml, and the code
# has another schema.
TARGETS = (
    ("tools", "lint") if TASKS.exists() else ("lock", "install", "openapi", "check")
)
MAKE = ("make", *(("-f", str(TASKS)) if TASKS.exists() else ()))
COMMAND = " ".join((*MAKE, *TARGETS))


def run() -> bool:
    """Run all as people do; the output goes to standard error."""
    for target in TARGETS:
        command = [*MAKE, "--no-print-directory", target]
        if subprocess.call(command, stdout=sys.stderr):  # nosec B603
            print(f"update: make {target} failed", file=sys.stderr)
            return False
    return True
