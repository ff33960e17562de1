"""Schema fuzzing finds planted faults, and no others in long runs at night."""

import shutil
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support.fixture_types import Copy, Project, Run
from tests.support.matrix import NOTHING
from tests.support.shared_cache import SharedCache

SEARCH = ["uv", "run", "--locked", "pytest", "tests/integration/api"]
SEARCH += ["-k", "test_schema or test_sequences"]
EXAMPLES = "2000"
# The features with routes are switched off one at a time.
SEARCHED: dict[str, dict[str, bool]] = {
    "everything": {},
    "without auth": {"auth": False},
    "without example": {"example": False},
}
ROUTE = "app/api/health.py"
WELL = 'return Health(status="ok")'
# The planted response, and the expected finding.
FAULTS = {
    'raise RuntimeError("planted")': "Server error",
    'return Response(\'{"status": "ok"}\', 202)': "Undocumented status code",
    'return Response("ok", media_type="text/plain")': "Undocumented Content-Type",
    'return Response(\'{"status": 1}\', media_type="application/json")': (
        "Response violates schema"
    ),
}


@pytest.mark.nightly
@pytest.mark.parametrize("cell", SEARCHED)
def test_long_search_finds_no_failure(
    cell: str, project: Project, run: Run, database_url: str
) -> None:
    long = {"TEST_DATABASE_URL": database_url, "TEST_EXAMPLES": EXAMPLES}

    assert run(SEARCH, project(SEARCHED[cell]), long).returncode == 0


@pytest.fixture(scope="module")
def small(
    copy: Copy, shared_cache: SharedCache, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return an installed project that has only the health probes."""
    return shared_cache.install(
        copy(tmp_path_factory.mktemp("small") / "project", NOTHING)
    )


@pytest.mark.parametrize("fault", FAULTS, ids=FAULTS.get)
def test_short_search_finds_planted_fault(fault: str, small: Path, run: Run) -> None:
    route = small / ROUTE
    sound = route.read_text(encoding="utf-8")
    planted = sound.replace(WELL, fault, 1).replace("-> Health", "-> Any", 1)
    imports = "from typing import Any\n\nfrom fastapi import Response\n"
    planted = planted.replace("\nfrom fastapi", f"\n{imports}from fastapi", 1)
    planted = planted.replace('"/live")', '"/live", response_model=Health)', 1)
    route.write_text(planted, encoding="utf-8")
    searched = run(SEARCH, small)
    route.write_text(sound, encoding="utf-8")

    assert searched.returncode == 1
    assert FAULTS[fault] in searched.stdout


def test_short_search_finds_incomplete_delete(
    copy: Copy, shared_cache: SharedCache, run: Run, tmp_path: Path
) -> None:
    project = shared_cache.install(
        copy(tmp_path / "project", NOTHING | {"example": True})
    )
    service = project / "app/services/items.py"
    sound = service.read_text(encoding="utf-8")
    planted = sound.replace("fetchval(DELETE_ITEM,", "fetchval(ITEM_BY_ID,")
    service.write_text(planted, encoding="utf-8")

    deep = ROOT / "tests/data/project_tests/integration/api/test_sequences.py"
    shutil.copy(deep, project / "tests/integration/api/test_sequences_of_deletes.py")

    searched = run(SEARCH, project)

    assert planted != sound
    assert searched.returncode == 1
    assert "Deleted resource still available" in searched.stdout
