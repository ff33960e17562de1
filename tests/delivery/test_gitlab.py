"""The pipeline of GitLab does what it says when it is run."""

import os
from pathlib import Path

import pytest

from extensions.postgresql import Server
from tests.support.answers import CHOICES
from tests.support.commands import append, commit
from tests.support.gitlab import ENDED, lacking, local, run_pipeline
from tests.support.fixture_types import Copy
from tests.support.shared_cache import Shelf
from tests.support.image_storage import DELIVERY
from tests.support.workflows import repository

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(
        bool(lacking()) and DELIVERY not in os.environ,
        reason=f"it needs {', '.join(lacking())}; .ci/delivery installs them",
    ),
]
JOBS = {"quality-checks", "tests-on-sqlite", "tests-on-postgresql"}


@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_the_pipeline_of_gitlab_is_green(
    manager: str, copy: Copy, shelf: Shelf, postgresql: Server, tmp_path: Path
) -> None:
    answers = {"ci": "gitlab", "package_manager": manager}
    project = shelf.install(copy(tmp_path / "project", answers))
    local(project, f"127.0.0.1:{postgresql.port}")
    told = run_pipeline(repository(project), tmp_path / "tools")

    assert told.returncode == 0
    assert {*ENDED.findall(told.stdout)} == {("PASS", job) for job in JOBS}


def test_the_pipeline_of_gitlab_is_red_at_a_fault(
    copy: Copy, shelf: Shelf, tmp_path: Path
) -> None:
    answers = {"ci": "gitlab", "database": "sqlite"}
    project = repository(shelf.install(copy(tmp_path / "project", answers)))
    append(project / "app/api/health.py", "x = {  }\n")
    commit(project)
    told = run_pipeline(project, tmp_path / "tools", "quality-checks")

    assert told.returncode != 0
    assert ENDED.findall(told.stdout) == [("FAIL", "quality-checks")]
    assert "would reformat" in told.stdout
