"""The tutorial: a test runs its commands and applies its changes, in their order."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from extensions.questions import ROOT
from extensions.serving import READY, Serving
from extensions.site.configure import URL
from tests.support.commands import Completed, run
from tests.support.instructions import FENCE

PAGE = ROOT / "docs/tutorial.md"
RESULT = ROOT / "build/tutorial"
ADDRESS = "http://127.0.0.1:8000"
PORT = 8931


@contextmanager
def started(project: Path) -> Iterator[None]:
    """Run `make run` on another port until the block ends."""
    command = ["make", "run", f"PORT={PORT}"]
    process = subprocess.Popen(command, cwd=project, start_new_session=True)
    try:
        address = ADDRESS.replace("8000", str(PORT))
        assert Serving(process, address).answers(READY)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def perform(kind: str, block: str, project: Path, source: Path) -> Completed:
    """Apply a change, or type the commands of a block."""
    if kind == "diff":
        change = project / "change.diff"
        change.write_text(block, encoding="utf-8")
        applied = run(["git", "apply", "-p0", change], project)
        change.unlink()
        return applied
    copier = f"{sys.executable} -m copier"
    script = block.replace("uvx copier", copier).replace(URL, str(source))
    place = project if project.exists() else project.parent
    command = ["bash", "-euo", "pipefail", "-c", script.replace("8000", str(PORT))]
    if "curl" not in block:
        return run(command, place)
    with started(project):
        return run(command, place)


@pytest.mark.nightly
def test_tutorial_builds_an_api_that_passes_its_checks(
    source: Path, tmp_path: Path
) -> None:
    project = tmp_path / "reading-list"
    shown = ""
    for kind, block in FENCE.findall(PAGE.read_text(encoding="utf-8")):
        if block != "make run\n":
            completed = perform(kind, block, project, source)
            assert completed.returncode == 0, block
            shown += completed.stdout

    assert shown.count('"title":"Middlemarch"') == 2
    assert '"error": "book_title_taken"' in shown
    assert '"error": "book_finished"' in shown
    assert run(["git", "status", "--porcelain"], project).stdout == ""
    shutil.rmtree(RESULT, ignore_errors=True)
    ignored = shutil.ignore_patterns(".venv", ".*_cache", "*.db*")
    shutil.copytree(project, RESULT, ignore=ignored)
