"""No setting of git, of Copier or of the shell changes what the update tools do."""

from pathlib import Path

import pytest

from tests.support import git_settings, sample_releases
from tests.support.commands import Completed, append, commit, succeed
from tests.support.git_settings import GLOBAL, VARIABLES, settings, variables
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


def outcome(service: Path, **environment: str) -> tuple[Completed, Completed, Tree]:
    """Report the drift and update; return both reports and the files."""
    drift = upkeep(service, "drift", **environment)
    update = upkeep(service, *MERGE, **environment)
    return drift, update, tree(service)


@pytest.fixture(scope="module")
def expected(
    shared_cache: SharedCache, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Completed, Completed, Tree]:
    """Return what the tools do without any settings."""
    place = tmp_path_factory.mktemp("plain") / "service"
    return outcome(edit(sample_releases.service(shared_cache, source, place)))


@pytest.mark.parametrize("name", [*GLOBAL, *VARIABLES])
def test_settings_of_a_person_do_not_change_an_update(
    name: str,
    service: Path,
    folder: Path,
    expected: tuple[Completed, Completed, Tree],
) -> None:
    before = tree(service)
    environment = variables(name, folder)
    drift, update, files = outcome(service, **environment)
    undone = upkeep(service, "update", "--undo", **environment)

    assert (expected[0].returncode, expected[1].returncode) == (1, 2)
    assert (drift.returncode, drift.stdout) == (1, expected[0].stdout)
    assert (update.returncode, update.stdout) == (2, expected[1].stdout)
    assert files == expected[2]
    assert undone.returncode == 0 and tree(service) == before
