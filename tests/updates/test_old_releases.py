"""Projects of the releases 0.1 to 0.4, which update themselves, reach this release.

Their own tools merge, and delete themselves while they run. What they leave undone, the
tools of this release end.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from extensions.questions import ROOT
from extensions.release import releases, tree_of
from extensions.rendering import answers_of, render
from tests.support.commands import Completed, append, commit, run, succeed
from tests.support.release_history import NEXT, Tree, adopt, tree
from tests.support.sample_releases import (
    DEPLOY,
    KEPT,
    LONGER,
    MINE,
    REWORDED,
    substitute,
)
from tests.support.shared_cache import SharedCache, overlay

ALL = [f"v{version}" for version in releases(ROOT)]
# The releases whose projects contain their own tools.
WITH_TOOLS = [release for release in ALL if release >= "v0.4.0"]
BEFORE_TOOLS = [release for release in ALL if release not in WITH_TOOLS]
LEFT = {f"upkeep/{name}" for name in ("drift.yml", "ownership.yml", "releases.md")}
ALLOWED = "- path: app/*\n  reason: ours # and a comment\n"
GATES = "lock install openapi:\n\t@echo $@\ncheck:\n\t@echo a gate; exit {}\n"
STATUS = ["git", "--no-optional-locks", "status", "--porcelain"]
# The moments at which an update is killed.
MOMENTS: dict[str, Callable[[Path], bool]] = {
    "first file": lambda it: bool(succeed(STATUS, it)),
    "new Makefile": lambda it: "upkeep.py" in (it / "Makefile").read_text("utf-8"),
    "new bootstrap": lambda it: (it / "upkeep.py").exists(),
    "old tools deleted": lambda it: not (it / "upkeep/update.py").exists(),
}
# A fake installation: the interpreter of the tests, which has Copier.
PYTHON = f'#!/bin/sh\nexec {sys.executable} "$@"\n'


def history(place: Path) -> None:
    """Create a small template with every release, the working tree as the newest."""
    succeed(["git", "init", "--quiet", place], place.parent)
    for version, released in releases(ROOT).items():
        succeed(["git", "rm", "-r", "--quiet", "--ignore-unmatch", "."], place)
        tree_of(ROOT, released, place)
        release(place, f"v{version}")
    succeed(["git", "rm", "-r", "--quiet", "."], place)
    overlay(place)
    notes = f"## 9999.0.0\n\n### Before you deploy\n\n{DEPLOY}\n\n"
    substitute(place / "CHANGELOG.md", r"(?m)^(?=## )", notes)
    substitute(place / "template" / REWORDED, r'\A"""', '"""Newer: ')
    release(place, NEXT)


def release(place: Path, name: str) -> None:
    """Reduce the template to the files that these tests need, and tag it."""
    template = place / "template"
    for file in (path for path in template.rglob("*") if path.is_file()):
        if not file.relative_to(template).as_posix().startswith((*KEPT, "upkeep/")):
            file.unlink()
    commit(place, name)
    succeed(["git", "tag", name], place)


@pytest.fixture(scope="session")
def template(shared_cache: SharedCache) -> Path:
    """Return the template with all its releases, to be read only."""
    return shared_cache.once("small-history", history)


def project(
    shared_cache: SharedCache, template: Path, release: str, place: Path
) -> Path:
    """Create an installed project of an old release, with fake gates."""

    def make(there: Path) -> None:
        adopt(render(there, source=template, ref=release))
        tools = there / ".venv/bin"
        tools.mkdir(parents=True)
        for name in ("python", "black"):
            (tools / name).write_text(PYTHON, encoding="utf-8")
            (tools / name).chmod(0o755)
        (there / "Makefile.local").write_text(GATES.format(0), encoding="utf-8")
        commit(there)

    return Path(shutil.copytree(shared_cache.once(f"old/{release}", make), place))


@pytest.fixture
def service(
    request: pytest.FixtureRequest,
    shared_cache: SharedCache,
    template: Path,
    tmp_path: Path,
) -> Path:
    """Create a project of the release that the test names."""
    return project(shared_cache, template, str(request.param), tmp_path / "service")


each = pytest.mark.parametrize("service", ALL, indirect=True)
with_tools = pytest.mark.parametrize("service", WITH_TOOLS, indirect=True)
newest = pytest.mark.parametrize("service", WITH_TOOLS[-1:], indirect=True)
before_tools = pytest.mark.parametrize("service", BEFORE_TOOLS[-1:], indirect=True)


def make_update(service: Path, arguments: str = "") -> Completed:
    """Run `make update` with the current Makefile."""
    return run(["make", "update", f"ARGS={arguments}"], service)


def old_update(service: Path) -> Completed:
    """Update with the tools of the project's release."""
    if (service / "upkeep").exists():
        return make_update(service)
    command = ["-m", "copier", "update", "--defaults", "--skip-answered"]
    return run([sys.executable, *command], service)


def kill(service: Path, moment: str) -> None:
    """Kill an update at a moment."""
    reached, before = MOMENTS[moment], tree(service)
    command = [sys.executable, "-m", "upkeep.update"]
    with subprocess.Popen(command, cwd=service, start_new_session=True) as running:
        while running.poll() is None:
            if reached(service):
                break
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
    assert tree(service) != before


def fresh(shared_cache: SharedCache, template: Path) -> Tree:
    """Read a fresh project of this release."""
    name = "fresh-of-small-history"
    return tree(shared_cache.once(name, lambda place: render(place, source=template)))


def compared(service: Path) -> Tree:
    """Read a project without the files that a fresh one does not have."""
    own = (".venv/", "Makefile.local")
    return {name: it for name, it in tree(service).items() if not name.startswith(own)}


@each
def test_update_from_each_release_equals_a_fresh_project(
    service: Path, shared_cache: SharedCache, template: Path
) -> None:
    had_tools = (service / "upkeep").exists()
    first = old_update(service)
    left = {*compared(service)} - {*fresh(shared_cache, template)}
    commit(service)
    second = make_update(service)

    assert (first.returncode, second.returncode) == (0, 0)
    assert left == (LEFT if had_tools else {"upkeep/releases.md"})
    assert not had_tools or DEPLOY in first.stdout
    assert compared(service) == fresh(shared_cache, template)
    assert not (service / "upkeep").exists()


@newest
def test_allowed_deviations_of_an_old_project_stay_allowed(service: Path) -> None:
    (service / "upkeep/drift.yml").write_text(ALLOWED, encoding="utf-8")
    append(service / LONGER, MINE)
    commit(service)
    first = old_update(service)
    commit(service)
    second = make_update(service)
    found = run(["make", "drift"], service)

    assert (first.returncode, second.returncode, found.returncode) == (0, 0, 0)
    assert (service / "upkeep/drift.yml").read_text(encoding="utf-8") == ALLOWED
    assert f"{LONGER}  (allowed: ours)" in found.stdout


@with_tools
def test_conflict_of_the_old_tools_is_resumed(
    service: Path, shared_cache: SharedCache, template: Path
) -> None:
    substitute(service / REWORDED, r'\A"""', '"""Ours: ')
    commit(service)
    first = old_update(service)
    succeed(["git", "checkout", "--quiet", "--theirs", REWORDED], service)
    succeed(["git", "add", REWORDED], service)
    resumed = make_update(service, "--resume")

    assert f"- `{REWORDED}`" in first.stdout
    assert resumed.returncode == 0
    assert "a gate" in resumed.stderr and DEPLOY in resumed.stdout
    assert compared(service) == fresh(shared_cache, template)


@newest
@pytest.mark.parametrize("way", ["--resume", "--undo"])
def test_failed_gates_of_the_old_tools_are_resumed_or_undone(
    way: str, service: Path, shared_cache: SharedCache, template: Path
) -> None:
    (service / "Makefile.local").write_text(GATES.format(1), encoding="utf-8")
    commit(service)
    before = tree(service)
    first = old_update(service)
    still_red = make_update(service, "--resume") if way == "--resume" else first
    if way == "--resume":
        (service / "Makefile.local").write_text(GATES.format(0), encoding="utf-8")
    done = make_update(service, way)

    assert first.stdout and "make check failed" in first.stderr + still_red.stderr
    assert done.returncode == 0
    if way == "--undo":
        assert tree(service) == before
    else:
        assert compared(service) == fresh(shared_cache, template)


@pytest.mark.parametrize("conflict", [False, True])
@pytest.mark.parametrize("service", [*WITH_TOOLS, BEFORE_TOOLS[-1]], indirect=True)
def test_update_by_the_old_tools_is_undone(conflict: bool, service: Path) -> None:
    if conflict:
        substitute(service / REWORDED, r'\A"""', '"""Ours: ')
        commit(service)
    before = tree(service)
    old_update(service)
    refused = make_update(service)
    undone = make_update(service, "--undo")

    assert refused.returncode != 0 and "--undo" in refused.stderr
    assert undone.returncode == 0
    assert tree(service) == before
    assert not succeed(["git", "status", "--porcelain"], service)


@newest
@pytest.mark.parametrize("way", ["--resume", "--undo"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_update_of_the_old_tools_is_resumed_or_undone(
    moment: str, way: str, service: Path, shared_cache: SharedCache, template: Path
) -> None:
    before = tree(service)
    kill(service, moment)
    command = make_update(service, way)
    if "upkeep.py is missing" in command.stderr:
        succeed(["git", "checkout", "--quiet", "HEAD", "--", "Makefile"], service)
        command = make_update(service, way)

    assert command.returncode == 0
    if way == "--undo":
        assert tree(service) == before
    else:
        assert answers_of(service)["_commit"] == NEXT
        commit(service)
        assert make_update(service).returncode == 0
        assert compared(service) == fresh(shared_cache, template)
