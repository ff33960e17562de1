"""Two branches with a migration each: the pipeline of the second tests the merge."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import commit, succeed
from tests.support.copies import clone
from tests.support.fixture_types import Project, Run
from tests.support.pipelines import GITHUB, GITLAB, load

GATE = [".venv/bin/python", "-m", "standards.migrations"]
RED = "alembic/versions: the heads a, b: run .venv/bin/alembic merge heads"
REVISION = '''\
"""Nothing."""

revision: str = "{name}"
down_revision: str | tuple[str, ...] | None = "0002"


def upgrade() -> None: ...


def downgrade() -> None: ...
'''


def add_branch(project: Path, name: str) -> None:
    """Commit a revision on a branch of its own."""
    succeed(["git", "checkout", "--quiet", "-b", name, "main"], project)
    file = project / f"alembic/versions/{name}.py"
    file.write_text(REVISION.format(name=name), encoding="utf-8")
    commit(project, f"Add {name}")


@pytest.fixture
def origin(branch: Project) -> Path:
    """Return a repository with two branches, of which one is merged."""
    project = branch({"ci": "gitlab"})
    for name in ("a", "b"):
        add_branch(project, name)
    succeed(["git", "checkout", "--quiet", "main"], project)
    succeed(["git", "merge", "--quiet", "--no-ff", "a"], project)
    return project


def test_merge_of_two_branches_with_a_revision_each_is_red(
    origin: Path, tmp_path: Path, run: Run
) -> None:
    job = clone(origin, tmp_path / "job", "--branch=b")
    pipeline = load(job, GITLAB)
    merge = pipeline["default"]["before_script"][0]
    variables = pipeline[".on-change"]["variables"]
    request = {"CI_COMMIT_SHA": succeed(["git", "rev-parse", "HEAD"], job).strip()}
    assert run(GATE, job).returncode == 0

    request["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = "main"
    assert run(["bash", "-e", "-c", merge], job, request).returncode == 0
    checked = run(GATE, job, {"BASE_REVISION": variables["BASE_REVISION"]})
    assert checked.returncode == 1
    assert RED in checked.stdout.splitlines()

    # The base is the target, although the branch is older.
    target = succeed(["git", "rev-parse", "origin/main"], job)
    assert succeed(["git", "rev-parse", variables["BASE_REVISION"]], job) == target


def test_pipeline_of_the_default_branch_merges_nothing(
    origin: Path, tmp_path: Path, run: Run
) -> None:
    job = clone(origin, tmp_path / "job")
    merge = load(job, GITLAB)["default"]["before_script"][0]
    head = succeed(["git", "rev-parse", "HEAD"], job)

    assert run(["bash", "-eu", "-c", merge], job).returncode == 0
    assert succeed(["git", "rev-parse", "HEAD"], job) == head


def test_conflict_with_the_target_fails_the_job(
    origin: Path, tmp_path: Path, run: Run
) -> None:
    for name in ("main", "b"):
        succeed(["git", "checkout", "--quiet", name], origin)
        (origin / "README.md").write_text(f"{name}\n", encoding="utf-8")
        commit(origin)
    job = clone(origin, tmp_path / "job", "--branch=b")
    merge = load(job, GITLAB)["default"]["before_script"][0]
    request = {
        "CI_COMMIT_SHA": succeed(["git", "rev-parse", "HEAD"], job).strip(),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }

    assert run(["bash", "-e", "-c", merge], job, request).returncode != 0


def test_github_tests_the_merge_and_requires_branches_that_are_up_to_date(
    render: Project,
) -> None:
    project = render()
    workflow: dict[Any, Any] = load(project, GITHUB)
    job = workflow["jobs"]["quality-checks"]
    [checkout] = [it for it in job["steps"] if "checkout" in it.get("uses", "")]
    rules = load(project, ".github/rulesets/main.json")["rules"]
    [required] = [it["parameters"] for it in rules if "parameters" in it]

    # `on` is a boolean in YAML 1.1. Without `ref`, the checkout is of the merge.
    assert {"pull_request", "merge_group"} <= workflow[True].keys()
    assert "ref" not in checkout["with"]
    assert checkout["with"]["fetch-depth"] == 2
    assert job["env"]["BASE_REVISION"] == "HEAD^1"
    assert required["strict_required_status_checks_policy"] is True
