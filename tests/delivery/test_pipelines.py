"""GitHub, GitLab and `make check` run the same gates."""

import re
from pathlib import Path
from typing import Any

import pytest

from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support.answers import CHOICES
from tests.support.fixture_types import Copy, Project, Run
from tests.support.pipelines import (
    GITHUB,
    GITLAB,
    LINT,
    LOCKED,
    commands,
    jobs,
    load,
    make_commands,
    make_gates,
    manager,
    pipeline_gates,
    written,
)

CHECK = [".venv/bin/check-jsonschema", "--builtin-schema"]
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
# Each answer on which a command or a job depends, with defaults for the rest.
ANSWERS = [
    {name: answer}
    for name in ("package_manager", "type_checker", "database")
    for answer in CHOICES[name]
]


def named(answers: Answers) -> str:
    """Return the ID of a parametrized test: the value of its one answer."""
    return str(*answers.values())


@pytest.fixture
def gitlab(render: Project) -> dict[str, Any]:
    """Return the GitLab pipeline of the default answers."""
    return load(render({"ci": "gitlab"}), GITLAB)


@pytest.mark.parametrize("ci", SCHEMAS)
@pytest.mark.parametrize("answers", ANSWERS, ids=named)
def test_pipeline_runs_the_gates_of_make_check(
    answers: Answers, ci: str, render: Project
) -> None:
    project = render({**answers, "ci": ci})

    assert pipeline_gates(project) == make_gates(project)


@pytest.mark.parametrize(
    ("ci", "file", "gate", "changed"),
    [
        ("github", "Makefile", "$(RUN) mypy .", "$(RUN) mypy app"),
        ("gitlab", "Makefile", "report --lint\n", "report --lint\n\t$(RUN) vulture\n"),
        ("github", GITHUB, LINT, "python -m standards.report --static"),
        ("github", GITHUB, "flake8 || $WAIVED flake8", "flake8 app || $WAIVED flake8"),
        ("github", GITHUB, "mypy . ||", "mypy --version ||"),
        ("github", GITHUB, " --cov=app", ""),
        ("gitlab", GITLAB, "flake8 || $WAIVED flake8", "flake8 app || $WAIVED flake8"),
        ("gitlab", GITLAB, f'    - "uv run --locked {LINT}"\n', ""),
        ("gitlab", GITLAB, " --cov=app", ""),
    ],
)
def test_gate_missing_in_pipeline_is_found(
    ci: str, file: str, gate: str, changed: str, copy: Copy, tmp_path: Path
) -> None:
    project = copy(tmp_path / "project", {"ci": ci})
    text = (project / file).read_text(encoding="utf-8")
    (project / file).write_text(text.replace(gate, changed), encoding="utf-8")

    assert text.count(gate) == 1
    assert pipeline_gates(project) != make_gates(project)


@pytest.mark.parametrize("answers", ANSWERS, ids=named)
def test_pipelines_run_locked_tools_only(answers: Answers, render: Project) -> None:
    project = render({**answers, "ci": "gitlab"})
    run = manager(project)["run"]

    assert [line for line in commands(project) if run not in line] == []
    assert [line for line in make_commands(project) if LOCKED not in line.split()] == []


@pytest.mark.parametrize("ci", SCHEMAS)
def test_pipeline_matches_its_schema(ci: str, render: Project, run: Run) -> None:
    folders = [render({**answers, "ci": ci}) for answers in ANSWERS]
    files = [path for folder in folders for path in written(folder)]

    assert len(files) >= len(ANSWERS)
    assert run([*CHECK, SCHEMAS[ci], *files], ROOT).returncode == 0


@pytest.mark.parametrize(("ci", "word"), [("github", "runs-on"), ("gitlab", "script")])
def test_invalid_pipeline_is_found(
    ci: str, word: str, render: Project, tmp_path: Path, run: Run
) -> None:
    text = written(render({"ci": ci}))[0].read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace(f"{word}:", f"{word}s:"), encoding="utf-8")
    checked = run([*CHECK, SCHEMAS[ci], wrong], ROOT)

    assert checked.returncode == 1
    assert f"{word}s" in checked.stdout


@pytest.mark.parametrize("answers", ANSWERS, ids=named)
def test_environment_is_cached_by_lock(answers: Answers, render: Project) -> None:
    project = render({**answers, "ci": "gitlab"})
    cache = load(project, GITLAB)["default"]["cache"]

    assert cache["key"]["files"] == [manager(project)["lock_file"]]
    assert cache["paths"] == [".venv"]


def test_gates_run_for_changes_and_not_on_schedule(
    gitlab: dict[str, Any],
) -> None:
    rules = {name: str(job["rules"]) for name, job in jobs(gitlab).items()}
    scheduled = [name for name in rules if '== "schedule"' in rules[name]]
    changed = [name for name in rules if "merge_request_event" in rules[name]]

    assert scheduled == ["newest-python", "newest-dependencies", "template-update"]
    assert changed == [
        name for name in rules if name not in [*scheduled, "publish-image"]
    ]


def test_jobs_have_timeouts_and_no_retries(gitlab: dict[str, Any]) -> None:
    words = {word for job in gitlab.values() for word in job}

    assert words.isdisjoint({"retry", "allow_failure", "when"})
    assert {"timeout", "interruptible"} <= {*gitlab["default"]}


def test_pipeline_tests_reach_their_database(
    gitlab: dict[str, Any],
) -> None:
    job = jobs(gitlab)["tests-on-postgresql"]
    [host] = [service["alias"] for service in job["services"]]

    assert f"@{host}:5432/" in job["variables"]["TEST_DATABASE_URL"]
    assert job["variables"]["PYTEST_ADDOPTS"].endswith(f",{host}")


@pytest.mark.parametrize("percent", ["7%", "98%", "98.25%", "100%"])
def test_merge_request_shows_coverage(percent: str, gitlab: dict[str, Any]) -> None:
    job = jobs(gitlab)["tests-on-sqlite"]
    found = re.search(
        job["coverage"].strip("/"), f"TOTAL   1234    5   67   8   {percent}"
    )

    assert found and found[1] == percent.removesuffix("%") + "%"
    assert job["artifacts"]["reports"]["coverage_report"]["path"] == "coverage.xml"
