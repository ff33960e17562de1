"""The GitLab pipeline runs with gitlab-ci-local."""

import os
from pathlib import Path

import pytest

from extensions.postgresql import Server
from tests.support.answers import CHOICES
from tests.support.commands import append, commit
from tests.support.fixture_types import Copy
from tests.support.gitlab import ENDED, lacking, local, run_pipeline
from tests.support.image_storage import DELIVERY
from tests.support.shared_cache import SharedCache
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
def test_gitlab_pipeline_passes(
    manager: str,
    copy: Copy,
    shared_cache: SharedCache,
    postgresql: Server,
    tmp_path: Path,
) -> None:
    answers = {"ci": "gitlab", "package_manager": manager}
    project = shared_cache.install(copy(tmp_path / "project", answers))
    local(project, f"127.0.0.1:{postgresql.port}")
    completed = run_pipeline(repository(project), tmp_path / "tools")

    assert completed.returncode == 0
    assert {*ENDED.findall(completed.stdout)} == {("PASS", job) for job in JOBS}


def test_gitlab_pipeline_fails_at_planted_fault(
    copy: Copy, shared_cache: SharedCache, tmp_path: Path
) -> None:
    answers = {"ci": "gitlab", "database": "sqlite"}
    project = repository(shared_cache.install(copy(tmp_path / "project", answers)))
    append(project / "app/api/health.py", "x = {  }\n")
    commit(project)
    completed = run_pipeline(project, tmp_path / "tools", "quality-checks")

    assert completed.returncode != 0
    assert ENDED.findall(completed.stdout) == [("FAIL", "quality-checks")]
    assert "would reformat" in completed.stdout
