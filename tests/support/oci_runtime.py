#!/usr/bin/env python3
"""An OCI runtime: runc, where nobody may raise the limits of a process."""

import json
import os
import shutil
import sys
from pathlib import Path


def value(*names: str) -> str:
    """Read an option of the command line."""
    return next(
        (sys.argv[n + 1] for n, word in enumerate(sys.argv) if word in names), ""
    )


def drop_limits(file: Path, *place: str) -> None:
    """Let a process have the limits that its parent has."""
    content = json.loads(file.read_text(encoding="utf-8"))
    process = content
    for name in place:
        process = process[name]
    process["rlimits"] = []
    file.write_text(json.dumps(content), encoding="utf-8")


if "create" in sys.argv:
    drop_limits(Path(value("--bundle", "-b"), "config.json"), "process")
elif "exec" in sys.argv:
    drop_limits(Path(value("--process", "-p")))
runc = shutil.which("runc", path="/usr/sbin:/usr/bin:/sbin:/bin") or "runc"
os.execv(runc, [runc, *sys.argv[1:]])  # nosec B606
