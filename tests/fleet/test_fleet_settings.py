"""No setting of git on the machine changes what a fleet run does."""

import sys
from pathlib import Path

from extensions.questions import ROOT
from tests.support.commands import commit, run, succeed
from tests.support.fleet import ADDED, GENERATED, Repositories, report, small
from tests.support.git_settings import GLOBAL, settings, variables
from tests.support.release_history import Tree, tree
from tests.support.shared_cache import SharedCache


def visit(fleet: Repositories, name: str, **environment: str) -> tuple[int, str, Tree]:
    """Visit a project; return the exit code, its state and the files of its clone."""
    project = fleet.build(name, fleet.old)
    (project / GENERATED).write_text("NAME = 2\n", encoding="utf-8")
    commit(project)
    (fleet.place / "list.txt").write_text(f"{name}\n", encoding="utf-8")
    listed = str(fleet.place / "list.txt")
    command = [sys.executable, "-m", "extensions.fleet", listed]
    options = [f"--work={fleet.place / 'work'}", "--gates=true"]
    written = f"--json={fleet.place / 'report.json'}"
    done = run([*command, *options, written], ROOT, environment)
    [clone] = (fleet.place / "work").glob(f"{name}-*/clone")
    assert not succeed(["git", "status", "--porcelain"], clone)
    return done.returncode, report(fleet.place)[name]["state"], tree(clone)


def test_settings_of_a_person_do_not_change_a_visit(
    shared_cache: SharedCache, tmp_path: Path
) -> None:
    fleet = Repositories(shared_cache.once("small", small), tmp_path / "fleet")
    (tmp_path / "settings").mkdir()
    folder = settings(tmp_path / "settings")
    plain = visit(fleet, "plain")
    configured = visit(fleet, "configured", **variables(folder, [*GLOBAL]))

    assert plain[:2] == (0, "updated")
    assert plain == configured
    assert ADDED in plain[2]
