"""The weekly run of a project, with the newest Python and the newest dependencies."""

from pathlib import Path
from typing import Any

import pytest

from extensions.postgresql import Server
from tests.support.answers import CHOICES
from tests.support.commands import succeed
from tests.support.fixture_types import Copy, Project
from tests.support.pipelines import GITLAB, jobs, load, manager
from tests.support.shared_cache import SharedCache
from tests.support.workflows import Workflow, repository, steps

NEWEST = ".github/workflows/newest.yaml"
LIBRARY, OLD = "python-dotenv", "1.2.2"
# A test that the newest release of a library breaks.
BROKEN = f'''"""What the service needs of a library."""

from importlib.metadata import version


def test_library_is_old() -> None:
    assert version("{LIBRARY}") == "{OLD}"
'''


@pytest.mark.parametrize("database", CHOICES["database"])
@pytest.mark.parametrize("package_manager", CHOICES["package_manager"])
def test_newest_dependencies_are_checked_without_the_lock(
    package_manager: str, database: str, render: Project
) -> None:
    answers = {"package_manager": package_manager, "database": database}
    github, gitlab = render(answers), render({**answers, "ci": "gitlab"})
    job: dict[str, Any] = load(github, NEWEST)["jobs"]["newest"]
    scheduled = jobs(load(gitlab, GITLAB))["newest-dependencies"]
    remove = f"rm {' '.join(manager(github)['locks'])}"
    run = [step["run"] for step in job["steps"][-2:]]

    assert run == scheduled["script"] == [remove, "make install check"]
    assert job["steps"][-2]["if"] == "matrix.newest == 'dependencies'"
    assert job["strategy"]["matrix"]["newest"] == ["Python", "dependencies"]
    for place in (job["steps"][-1]["env"], job, scheduled):
        has_server = {"TEST_DATABASE_URL", "services"} & place.keys()
        assert bool(has_server) is (database == "postgresql")


@pytest.mark.nightly
def test_incompatible_release_fails_the_weekly_run_and_not_the_pipeline(
    copy: Copy, shared_cache: SharedCache, postgresql: Server, tmp_path: Path
) -> None:
    project = shared_cache.install(copy(tmp_path / "project"))
    (project / "tests/unit/test_library.py").write_text(BROKEN, encoding="utf-8")
    succeed(["uv", "lock", "--upgrade-package", f"{LIBRARY}=={OLD}"], project)
    workflow = Workflow(repository(project), "newest.yaml", tmp_path)
    text = workflow.file.read_text(encoding="utf-8")
    # Without a container engine no service is started: it is running already.
    own = text.replace("@localhost:5432/", f"@localhost:{postgresql.port}/")
    workflow.file.write_text(own, encoding="utf-8")
    completed = workflow.run("schedule")
    ends = {job: how for job, step, how in steps(completed) if step.startswith("Check")}

    assert completed.returncode != 0
    assert sorted(ends.values()) == ["Failure", "Success"]
    assert "test_library_is_old" in completed.stdout
    assert [how for job, how in ends.items() if "dependencies" in job] == ["Failure"]
