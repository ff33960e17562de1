"""`make update` merges a release into an edited project, and reports what it did."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extensions.rendering import answers_of
from tests.support import sample_releases
from tests.support.commands import append, commit, run, succeed
from tests.support.release_history import adopt, tree, update
from tests.support.sample_releases import (
    DEPLOY,
    GONE,
    LONGER,
    MERGE,
    MINE,
    NEW,
    REWORDED,
    upkeep,
)
from tests.support.shared_cache import SharedCache

ANSWERS = ".copier-answers.yml"
GATES = "lock install openapi:\n\t@echo $@\ncheck:\n\t@echo a gate; exit {}\n"


@pytest.fixture
def service(shared_cache: SharedCache, source: Path, tmp_path: Path) -> Path:
    """Create a project of the first release, when the second one is out."""
    return sample_releases.service(shared_cache, source, tmp_path / "service")


def conflict(service: Path) -> None:
    """Edit a line that the next release changes."""
    sample_releases.substitute(service / REWORDED, r'\A"""', '"""Our own words: ')
    commit(service)


def test_release_is_merged_and_its_notes_are_printed(service: Path) -> None:
    append(service / "app/main.py", f"    {MINE}")
    commit(service)
    done = upkeep(service, *MERGE)

    assert done.returncode == 0
    assert (service / LONGER).read_text(encoding="utf-8").endswith(NEW)
    assert (service / "app/main.py").read_text(encoding="utf-8").endswith(MINE)
    assert not (service / GONE).exists()
    for line in (
        f"{sample_releases.FIRST} → {sample_releases.SECOND}",
        DEPLOY,
        "new variable: `NEWS=1`",
        "`SHUTDOWN_GRACE_SECONDS=10` is `SHUTDOWN_GRACE_SECONDS=12`",
        f"- generated: `{GONE}` (gone)",
        "- shared: `.env.example`",
        "git commit",
    ):
        assert line in done.stdout


@pytest.mark.nightly
def test_update_to_the_same_release_changes_nothing(service: Path) -> None:
    upkeep(service, *MERGE)
    commit(service)
    again = upkeep(service, *MERGE)

    assert again.returncode == 0
    assert "Nothing to do" in again.stdout


@pytest.mark.nightly
def test_other_answer_is_merged_with_the_release(service: Path) -> None:
    done = upkeep(service, *MERGE, "--data", "type_checker=both", "--to", "v0.0.2")

    assert done.returncode == 0
    assert "type_checker: both" in (service / ANSWERS).read_text(encoding="utf-8")
    assert upkeep(service, "update", "--undo").returncode == 0


def test_conflict_stops_the_update_until_it_is_resumed(service: Path) -> None:
    conflict(service)
    done = upkeep(service, *MERGE)
    early = upkeep(service, *MERGE, "--resume")
    again = upkeep(service, *MERGE)
    succeed(["git", "checkout", "--quiet", "--theirs", REWORDED], service)
    marked = upkeep(service, *MERGE, "--resume")
    succeed(["git", "add", REWORDED], service)
    resumed = upkeep(service, *MERGE, "--resume")

    assert (done.returncode, early.returncode, marked.returncode) == (2, 2, 2)
    assert f"- `{REWORDED}`" in done.stdout and f"- `{REWORDED}`" in early.stdout
    assert (again.returncode, resumed.returncode) == (1, 0)
    assert "--resume" in again.stderr
    assert DEPLOY in resumed.stdout


def test_conflict_is_found_where_git_hides_untracked_files(service: Path) -> None:
    conflict(service)
    succeed(["git", "config", "status.showUntrackedFiles", "no"], service)
    done = upkeep(service, *MERGE)

    assert done.returncode == 2
    assert f"- `{REWORDED}`" in done.stdout and ".rej" not in done.stdout


@pytest.mark.parametrize(
    ("name", "line", "command"),
    [
        ("Makefile", "PORT .=", ".venv/bin/python upkeep.py"),
        (
            "upkeep.py",
            "TIMEOUT =",
            ".venv/bin/python .git/upkeep/-/tools/upkeep update",
        ),
    ],
)
def test_conflict_in_makefile_or_upkeep_py_is_resumed_as_reported(
    name: str, line: str, command: str, service: Path, tmp_path: Path
) -> None:
    template = tmp_path / "template"
    source = answers_of(service)["_src_path"]
    succeed(["git", "clone", "--quiet", source, template], service)
    [file] = template.glob(f"template/{name}*")
    sample_releases.substitute(file, rf"(?m)^({line}) .*", r"\1 7")
    commit(template)
    succeed(["git", "tag", "v0.0.3"], template)
    sample_releases.substitute(service / name, rf"(?m)^({line}) .*", r"\1 8")
    sample_releases.substitute(service / ANSWERS, "(?<=_src_path: ).*", str(template))
    commit(service)
    before = tree(service)
    found = upkeep(service, *MERGE)
    again = upkeep(service, *MERGE)
    [program, *undo] = f"{command} --undo".split()
    undone = run([sys.executable, *undo], service)

    assert found.returncode == 2 and f"- `{name}`" in found.stdout
    assert f"    {command} --resume\n" in found.stdout
    assert f"    {program} {' '.join(undo)} " in found.stdout
    assert undone.returncode == 0 and tree(service) == before
    if name == "Makefile":
        assert f"here: {command} --resume, or {command} --undo" in again.stderr


def test_edited_file_that_the_release_deletes_is_found(service: Path) -> None:
    append(service / GONE, MINE)
    commit(service)
    done = upkeep(service, *MERGE)

    assert done.returncode == 2
    assert f"git show HEAD:./{GONE}" in done.stdout
    assert MINE in succeed(["git", "show", f"HEAD:./{GONE}"], service)
    assert upkeep(service, *MERGE, "--resume").returncode == 0


def test_undo_restores_every_byte_and_keeps_ignored_files(
    service: Path,
) -> None:
    append(service / ".gitignore", "docs/\n")
    succeed(["git", "rm", "-r", "--cached", "--quiet", "docs"], service)
    append(service / "docs/security.md", MINE)
    (service / ".env").write_text("PORT=1\n", encoding="utf-8")
    conflict(service)
    before = tree(service)
    upkeep(service, *MERGE, "--data", "ci=gitlab", "--data", "database=sqlite")
    (service / "app/thing.py").write_text(MINE, encoding="utf-8")
    (service / ".env").write_text("PORT=2\n", encoding="utf-8")
    undone = upkeep(service, "update", "--undo")
    changed = {name for name, it in tree(service).items() if before.get(name) != it}

    assert undone.returncode == 0
    assert set(before) - set(tree(service)) == set()
    # New files in ignored folders stay, because git ignores them, too.
    assert changed == {".env", "docs/backup.md"}
    assert not succeed(["git", "status", "--porcelain"], service)
    kept = succeed(["git", "show", "refs/upkeep/undone:app/thing.py"], service)
    assert kept == MINE


@pytest.mark.nightly
def test_update_in_a_folder_changes_nothing_outside(
    service: Path, tmp_path: Path
) -> None:
    larger = tmp_path / "larger"
    folder = Path(shutil.copytree(service, larger / "folder"))
    shutil.rmtree(folder / ".git")
    adopt(larger)
    (larger / "elsewhere").touch()
    before = tree(larger)
    done = upkeep(folder, *MERGE)
    arrived = (folder / LONGER).read_text(encoding="utf-8")
    undone = upkeep(folder, "update", "--undo")

    assert (done.returncode, undone.returncode) == (0, 0)
    assert arrived.endswith(NEW)
    assert tree(larger) == before


def test_undo_after_a_commit_is_refused(service: Path) -> None:
    upkeep(service, *MERGE)
    commit(service)
    append(service / LONGER, MINE)
    refused = upkeep(service, "update", "--undo")

    assert refused.returncode == 1
    assert "commits since" in refused.stderr
    assert (service / LONGER).read_text(encoding="utf-8").endswith(MINE)


def test_update_by_plain_copier_is_undone_after_an_earlier_update(
    service: Path,
) -> None:
    upkeep(service, *MERGE)
    succeed(["git", "reset", "--hard", "--quiet"], service)
    (service / "ours.py").touch()
    commit(service)
    before = tree(service)
    update(service, to=sample_releases.SECOND)
    refused = upkeep(service, *MERGE)
    undone = upkeep(service, "update", "--undo")

    assert (refused.returncode, undone.returncode) == (1, 0)
    assert "has begun here" in refused.stderr
    assert tree(service) == before


def test_interrupted_undo_can_only_be_finished(service: Path) -> None:
    before = tree(service)
    upkeep(service, *MERGE)
    page = service / ".git/upkeep/-/journal.json"
    sample_releases.substitute(page, '"merged"|"finished"', '"undoing"')
    for way in ((), ("--resume",)):
        refused = upkeep(service, *MERGE, *way)
        assert refused.returncode == 1
        assert "--undo" in refused.stderr and "--resume" not in refused.stderr
    succeed(["git", "reset", "--hard", "--quiet"], service)
    undone = upkeep(service, "update", "--undo")

    assert undone.returncode == 0
    assert tree(service) == before and not page.exists()


@pytest.mark.nightly
@pytest.mark.parametrize("way", ["--undo", "--resume"])
def test_killed_update_is_resumed(way: str, service: Path) -> None:
    before = tree(service)
    command = [sys.executable, "upkeep.py", *MERGE]
    with subprocess.Popen(command, cwd=service, start_new_session=True) as running:
        while running.poll() is None and tree(service) == before:
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
    assert tree(service) != before
    refused = upkeep(service, *MERGE)
    done = upkeep(service, *MERGE, way)

    assert (refused.returncode, done.returncode) == (1, 0)
    assert "has begun" in refused.stderr
    if way == "--undo":
        assert tree(service) == before
    else:
        assert (service / LONGER).read_text(encoding="utf-8").endswith(NEW)


@pytest.mark.parametrize("code", [0, pytest.param(1, marks=pytest.mark.nightly)])
def test_committed_resolution_still_runs_the_gates(code: int, service: Path) -> None:
    (service / "Makefile.local").write_text(GATES.format(code), encoding="utf-8")
    conflict(service)
    upkeep(service, "update")
    succeed(["git", "checkout", "--quiet", "--theirs", REWORDED], service)
    commit(service)
    resumed = upkeep(service, "update", "--resume")

    assert resumed.returncode == (3 if code else 0)
    assert "a gate" in resumed.stderr
    for line in (DEPLOY, "new variable: `NEWS=1`", f"`{GONE}` (gone)"):
        assert line in resumed.stdout
    assert "--undo" not in resumed.stdout
    assert ("is committed" in resumed.stdout) is not bool(code)


@pytest.mark.parametrize(
    ("code", "result"), [pytest.param(0, 0, marks=pytest.mark.nightly), (1, 3)]
)
def test_failed_gates_leave_the_update_unfinished(
    code: int, result: int, service: Path
) -> None:
    (service / "Makefile.local").write_text(GATES.format(code), encoding="utf-8")
    commit(service)
    done = upkeep(service, "update")
    resumed = upkeep(service, "update", "--resume")

    assert done.returncode == result
    assert "a gate" in done.stderr and DEPLOY in done.stdout
    assert resumed.returncode == (3 if code else 1)
