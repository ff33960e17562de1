"""Run a project's GitLab pipeline on this machine with gitlab-ci-local."""

import os
import re
import shutil
from pathlib import Path

from tests.support.commands import Completed, run, succeed
from tests.support.image_storage import KEPT
from tests.support.isolation import mirror
from tests.support.pipelines import GITLAB
from tests.support.shared_cache import SharedCache

# The runner, and a version of Node that it supports.
RUNNER = ("gitlab-ci-local@4.75.1", "node@24.21.0")
SERVICES = re.compile(r"^  services:\n(?:    .*\n)+", re.MULTILINE)
ENDED = re.compile(r"^ *(PASS|FAIL) +(\S+)", re.MULTILINE)


def lacking() -> list[str]:
    """Return the programs that are missing on this machine."""
    return [name for name in ("npm", "rsync") if shutil.which(name) is None]


def fetch(place: Path) -> None:
    """Install the runner in a folder that is kept between runs."""
    place.mkdir()
    quiet = ("--no-audit", "--no-fund", "--silent", "--prefix")
    succeed(["npm", "install", *quiet, place, *RUNNER], place)


def local(project: Path, server: str) -> None:
    """Remove what needs a container engine: the services are running already."""
    file = project / GITLAB
    text = re.sub(SERVICES, "", file.read_text(encoding="utf-8"))
    file.write_text(text.replace("@postgres:5432/", f"@{server}/"), encoding="utf-8")


def run_pipeline(project: Path, tools: Path, *jobs: str) -> Completed:
    """Run the jobs of a push to the default branch in a shell of this machine."""
    # The container of a job has its own environment, into which it installs.
    succeed(["python3.13", "-m", "venv", tools], project)
    for found in mirror():
        shutil.copytree(found, tools / "lib/python3.13/site-packages" / found.name)
    kept = SharedCache(KEPT).once("gitlab-ci-local", fetch) / "node_modules"
    path = [tools / "bin", kept / "node/bin", kept / ".bin", os.environ["PATH"]]
    line: list[str | Path] = [kept / "node/bin/node", kept / ".bin/gitlab-ci-local"]
    options = ("--force-shell-executor", "--shell-isolation", *jobs)
    return run([*line, *options], project, {"PATH": os.pathsep.join(map(str, path))})
