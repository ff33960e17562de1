"""Workflows pass strict linters, and run with act."""

from pathlib import Path

import pytest

from extensions.postgresql import Server
from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support.commands import append
from tests.support.fixture_types import Copy, Project, Run
from tests.support.shared_cache import SharedCache
from tests.support.workflows import DIGEST, Workflow, repository, steps

BIN = ROOT / ".venv/bin"
AUDITOR = ("--offline", "--quiet", "--no-progress", "--strict-collection")
SCHEMA: tuple[str | Path, ...] = (BIN / "check-jsonschema", "--builtin-schema")
JUDGES: dict[str, list[str | Path]] = {
    "zizmor": [BIN / "zizmor", *AUDITOR, "--persona=auditor"],
    "actionlint": [BIN / "actionlint", "-shellcheck=", "-pyflakes="],
    "check-jsonschema": [*SCHEMA, "vendor.github-workflows"],
}
ANSWERS: list[Answers] = [
    {"database": "sqlite"},
    {"package_manager": "poetry"},
    {"package_manager": "pip", "docker": False},
]
RELEASE = {"action": "published", "release": {"tag_name": "v1.2.3"}}
FORMS = {
    "bug.yml": "vendor.github-issue-forms",
    "change.yml": "vendor.github-issue-forms",
    "config.yml": "vendor.github-issue-config",
}
SCAN = "aquasecurity/trivy-action"


def workflows(project: Path) -> list[Path]:
    """Return the workflow files of a repository, which has at least one."""
    found = sorted((project / ".github/workflows").glob("*.yaml"))
    assert found
    return found


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("answers", ANSWERS, ids=str)
def test_workflow_linters_find_nothing_in_a_project(
    judge: str, answers: Answers, render: Project, run: Run
) -> None:
    assert run([*JUDGES[judge], *workflows(render(answers))], ROOT).returncode == 0


@pytest.mark.parametrize("judge", JUDGES)
def test_workflow_linters_find_nothing_in_the_template(judge: str, run: Run) -> None:
    assert run([*JUDGES[judge], *workflows(ROOT)], ROOT).returncode == 0


@pytest.mark.parametrize(
    ("judge", "good", "bad"),
    [
        ("zizmor", "environment: release", "env: {X: '${{ secrets.X }}'}"),
        ("zizmor", "@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7"),
        ("actionlint", "steps.push.outputs", "steps.pushed.outputs"),
        ("check-jsonschema", "runs-on:", "run-on:"),
    ],
)
def test_workflow_linter_finds_planted_fault(
    judge: str, good: str, bad: str, render: Project, tmp_path: Path, run: Run
) -> None:
    text = (render() / ".github/workflows/release.yaml").read_text(encoding="utf-8")
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "release.yaml").write_text(text.replace(good, bad), encoding="utf-8")

    assert good in text
    assert run([*JUDGES[judge], *workflows(tmp_path)], ROOT).returncode != 0


@pytest.mark.parametrize("form", FORMS)
def test_issue_forms_are_valid(form: str, render: Project, run: Run) -> None:
    file = render() / ".github/ISSUE_TEMPLATE" / form

    assert run([*SCHEMA, FORMS[form], file], ROOT).returncode == 0


def test_release_is_scanned_pushed_and_signed_in_order(
    copy: Copy, tmp_path: Path
) -> None:
    project = repository(copy(tmp_path / "project"))
    workflow = Workflow(project, "release.yaml", tmp_path)
    completed = workflow.run("release", RELEASE)
    noted = [line.split(" ", 1) for line in workflow.noted()]
    names = [name for name, *_ in noted if name != "actions/checkout"]
    pushed = [given for name, *given in noted if "push=true" in str(given)]

    assert completed.returncode == 0
    assert names == [
        "docker/setup-buildx-action",
        "docker/metadata-action",
        "docker/build-push-action",
        SCAN,
        "docker/login-action",
        "docker/build-push-action",
        "actions/attest-build-provenance",
    ]
    assert "sbom=true" in str(pushed) and "ghcr.io/example/my-service:1.2.3" in str(
        pushed
    )
    assert f"subject-digest={DIGEST}" in workflow.noted()[-1]


def test_vulnerable_image_is_neither_pushed_nor_signed(
    copy: Copy, tmp_path: Path
) -> None:
    project = repository(copy(tmp_path / "project"))
    workflow = Workflow(project, "release.yaml", tmp_path, {SCAN: "exit 1"})
    completed = workflow.run("release", RELEASE)

    assert completed.returncode != 0
    assert workflow.noted()[-1].startswith(SCAN)


@pytest.mark.nightly
@pytest.mark.parametrize("answers", ANSWERS, ids=str)
def test_github_workflow_passes(
    answers: Answers,
    copy: Copy,
    shared_cache: SharedCache,
    postgresql: Server,
    tmp_path: Path,
) -> None:
    project = shared_cache.install(copy(tmp_path / "project", answers))
    workflow = Workflow(repository(project), "ci.yaml", tmp_path)
    text = workflow.file.read_text(encoding="utf-8")
    # Without a container engine no service is started: it is running already.
    own = text.replace("@localhost:5432/", f"@localhost:{postgresql.port}/")
    workflow.file.write_text(own, encoding="utf-8")
    completed = workflow.run("push")
    ran = [step for _, step, how in steps(completed) if how == "Success"]

    assert completed.returncode == 0
    assert ran[0] == "Checkout Code" and ran[-1] == "Upload Coverage to Codecov"


@pytest.mark.nightly
def test_github_workflow_fails_at_planted_fault(
    copy: Copy, shared_cache: SharedCache, tmp_path: Path
) -> None:
    project = shared_cache.install(copy(tmp_path / "project"))
    append(project / "app/api/health.py", "x = {  }\n")
    completed = Workflow(repository(project), "ci.yaml", tmp_path).run("push")

    assert completed.returncode != 0
    assert steps(completed)[-1][1:] == ("Lint with Black", "Failure")
