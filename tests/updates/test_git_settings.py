"""No setting of git, of Copier or of the shell changes what the update tools do."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support import git_settings, sample_releases
from tests.support.commands import append, commit, run, succeed
from tests.support.git_settings import (
    GLOBAL,
    NAMES,
    VARIABLES,
    configure,
    settings,
    variables,
)
from tests.support.release_history import Tree, tree
from tests.support.sample_releases import (
    GONE,
    LONGER,
    MERGE,
    MINE,
    REWORDED,
    substitute,
    upkeep,
)
from tests.support.shared_cache import SharedCache

EDITED = "docs/security.md"
OLD_GIT = """#!/bin/sh
[ "$1" = version ] && echo git version 2.30.2 || exec "$REAL" "$@"
"""
# The codes and reports of drift and update, and the files.
Outcome = tuple[tuple[int, str], tuple[int, str], Tree]


@pytest.fixture
def service(shared_cache: SharedCache, source: Path, tmp_path: Path) -> Path:
    """Give a project in which people edited what the release edits, and more."""
    service = sample_releases.service(shared_cache, source, tmp_path / "service")
    return edit(service)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the files that the settings refer to."""
    (tmp_path / "settings").mkdir()
    return settings(tmp_path / "settings")


def edit(service: Path) -> Path:
    """Write elsewhere than the release, where it writes, and where it deletes."""
    substitute(service / LONGER, r'\A"""', '"""Our own words: ')
    substitute(service / REWORDED, r'\A"""', '"""Our own words: ')
    append(service / EDITED, MINE)
    append(service / GONE, MINE)
    commit(service)
    return service


def outcome(service: Path, **environment: str) -> Outcome:
    """Report the drift, and update. Returns codes, reports and files."""
    drift = upkeep(service, "drift", **environment)
    update = upkeep(service, *MERGE, **environment)
    told = (drift.returncode, drift.stdout), (update.returncode, update.stdout)
    return *told, tree(service)


@pytest.fixture(scope="session")
def expected(
    shared_cache: SharedCache, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> Outcome:
    """Return what the tools do without any settings."""
    place = tmp_path_factory.mktemp("plain") / "service"
    found = outcome(edit(sample_releases.service(shared_cache, source, place)))
    assert (found[0][0], found[1][0]) == (1, 2)
    return found


ALONE = [
    pytest.param([name], marks=pytest.mark.nightly, id=name)
    for name in (*GLOBAL, *VARIABLES)
]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["ignores"], id="an ignore file"),
        pytest.param([*GLOBAL], id="all settings"),
        pytest.param([*VARIABLES], id="all variables"),
        *ALONE,
    ],
)
def test_settings_of_a_person_do_not_change_an_update(
    names: list[str], service: Path, folder: Path, expected: Outcome
) -> None:
    before = tree(service)
    environment = variables(folder, names)
    found = outcome(service, **environment)
    undone = upkeep(service, "update", "--undo", **environment)

    assert found == expected
    assert undone.returncode == 0 and tree(service) == before


def test_settings_of_the_clone_do_not_change_an_update(
    service: Path, folder: Path, expected: Outcome
) -> None:
    before = tree(service)
    configure(service, folder)
    found = outcome(service)
    undone = upkeep(service, "update", "--undo")

    assert found == expected
    assert undone.returncode == 0 and tree(service) == before


def test_ignored_files_of_a_person_neither_stop_an_update_nor_are_removed(
    service: Path, folder: Path
) -> None:
    environment = variables(folder, ["ignores"])
    own = service / "app/thing.mine"
    own.write_text(MINE, encoding="utf-8")
    update = upkeep(service, *MERGE, **environment)
    undone = upkeep(service, "update", "--undo", **environment)

    (service / "app/thing.rej").touch()
    refused = upkeep(service, *MERGE, **environment)

    assert (update.returncode, undone.returncode, refused.returncode) == (2, 0, 1)
    assert own.read_text(encoding="utf-8") == MINE
    assert "has left app/thing.rej: delete it" in refused.stderr


def test_an_ignored_file_that_is_replaced_is_a_lost_edit(service: Path) -> None:
    append(service / ".gitignore", "docs/\n")
    succeed(["git", "rm", "-r", "--cached", "--quiet", "docs"], service)
    commit(service)
    found = upkeep(service, *MERGE)

    assert found.returncode == 2
    assert f"`cat .git/upkeep/-/kept/{EDITED}`" in found.stdout
    kept = service / ".git/upkeep/-/kept" / EDITED
    assert kept.read_text(encoding="utf-8").endswith(MINE)


def test_a_name_in_the_projects_own_ignore_file_does_not_change_an_update(
    service: Path, expected: Outcome
) -> None:
    append(service / ".gitignore", NAMES)
    commit(service)
    upkeep(service, *MERGE)
    ignoring = {".gitignore": tree(service)[".gitignore"]}

    assert tree(service) == expected[2] | ignoring


def test_edits_that_git_was_told_not_to_show_are_refused(service: Path) -> None:
    for option in ("--assume-unchanged", "--skip-worktree"):
        succeed(["git", "update-index", option, LONGER], service)
        append(service / LONGER, MINE)
        refused = upkeep(service, *MERGE)
        back = option.replace("--", "--no-")
        succeed(["git", "update-index", back, LONGER], service)

        assert refused.returncode == 1
        assert f"git does not show edits of {LONGER}" in refused.stderr
        assert (service / LONGER).read_text(encoding="utf-8").endswith(MINE)


def test_a_git_that_can_not_be_isolated_is_refused(
    service: Path, tmp_path: Path
) -> None:
    old = git_settings.write(tmp_path / "bin/git", OLD_GIT)
    old.chmod(0o755)
    path = f"{old.parent}{os.pathsep}{os.environ['PATH']}"
    refused = upkeep(service, *MERGE, PATH=path, REAL=str(shutil.which("git")))

    assert refused.returncode == 1
    assert refused.stderr == (
        "update: git version 2.30.2 is too old: install git 2.32 or newer\n"
    )


def test_a_person_without_a_name_adopts_whatever_is_configured(
    folder: Path, source: Path, tmp_path: Path
) -> None:
    repositories = [tmp_path / name / "shop" for name in ("plain", "configured")]
    for repository in repositories:
        repository.mkdir(parents=True)
        succeed(["git", "init", "--quiet"], repository)
        git_settings.write(repository / "README.md", "# Ours\n")
        git_settings.write(repository / "requirements.txt", "fastapi>=0.165,<1\n")
        git_settings.write(repository / "shop/main.py", "import fastapi\n")
        commit(repository)
    command = [sys.executable, "-m", "extensions.adopt"]
    options = ["--whole", f"--template={source}", "--to=HEAD"]
    plain = run([*command, repositories[0], *options], ROOT)
    environment = variables(folder, [*GLOBAL])
    configured = run([*command, repositories[1], *options], ROOT, environment)

    assert plain.returncode == configured.returncode == 0
    assert tree(repositories[0]) == tree(repositories[1])
    assert tree(repositories[0])["README.md"][1].startswith(b"# Ours\n<<<<<<< HEAD\n")
