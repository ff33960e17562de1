"""A project supports its minimum Python, and names no other version."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support.answers import CHOICES, DEFAULTS
from tests.support.commands import run as run_command
from tests.support.fixture_types import Project, Run

PYTHONS = CHOICES["python_version"]
# Other choices that add packages or files.
OTHERS: dict[str, Any] = {
    "database": "sqlite",
    "orm": "sqlmodel",
    "type_checker": "both",
    "logging": "stdlib",
    "ci": "gitlab",
}
MENTION = re.compile(r"(?<![\w.])(?:py|python|cp)?3\.?(1\d)(?!\w)")
# Files that may name another Python, with the reason.
ALLOWED = {
    "app/core/ids.py": "since when Python has what the file is for",
    "docs/standards.md": "what the standard demands of every project",
    "standards/backend-standards.md": "the same",
    "standards/catalogue.yml": "the same",
    "standards/project.py": "the same",
    "standards/style-guide.md": "the same",
}
# The Python version whose tests may not be skipped on this machine.
GIVEN = "PLUMBLINE_PYTHON"


def mentions(project: Path) -> dict[str, set[str]]:
    """Map each file to the Python versions that it names."""
    return {
        name: {f"3.{minor}" for minor in found}
        for path in sorted(project.rglob("*"))
        if path.is_file() and (name := path.relative_to(project).as_posix())
        if name not in ALLOWED
        and (found := MENTION.findall(path.read_text(encoding="utf-8")))
    }


def need(version: str) -> None:
    """Skip a test without its interpreter; fail if PLUMBLINE_PYTHON requires it."""
    find = ["uv", "python", "find", "--system", "--no-project", "--no-python-downloads"]
    if run_command([*find, version], ROOT).returncode == 0:
        return
    if os.environ.get(GIVEN) == version:
        pytest.fail(f"{GIVEN} requires Python {version}, which is not installed")
    pytest.skip(f"no Python {version} on this machine")


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("manager", CHOICES["package_manager"])
def test_project_names_only_its_minimum_python(
    manager: str, version: str, render: Project
) -> None:
    answers = {"package_manager": manager, "python_version": version}
    for others in ({}, OTHERS):
        found = mentions(render(answers | others))

        assert set().union(*found.values()) == {version}
        assert {"Dockerfile", "README.md", "pyproject.toml"} <= set(found)


@pytest.mark.parametrize(
    "text", ["3.14", "py314", "python3.14", "python:3.14-slim", "cp314", '"314"']
)
def test_python_version_is_found_in_every_spelling(text: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"x = {text}, 0.3.14, 3.1.4, 3145", encoding="utf-8")

    assert mentions(tmp_path) == {"a": {"3.14"}}


# Each tool reads the settings and one file, without an interpreter of that version.
TOOLS = (
    ["black", "--check"],
    ["isort", "--check-only"],
    ["flake8"],
    ["mypy", "--cache-dir=/dev/null"],
)


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool[0]))
def test_tools_support_the_python_version(
    tool: list[str], version: str, render: Project, project: Project, run: Run
) -> None:
    command = project() / ".venv" / "bin" / tool[0]
    settled = render({"python_version": version})

    assert run([command, *tool[1:], "app/core/ids.py"], settled).returncode == 0


def test_unsupported_python_version_is_found(
    render: Project, project: Project, tmp_path: Path, run: Run
) -> None:
    unknown = shutil.copytree(render(), tmp_path / "unknown")
    settings = (unknown / "pyproject.toml").read_text(encoding="utf-8")
    settings = settings.replace('["py313"]', '["py399"]')
    (unknown / "pyproject.toml").write_text(settings, encoding="utf-8")
    black = project() / ".venv" / "bin" / "black"

    assert "py399" in run([black, "--check", "app/core/ids.py"], unknown).stderr


# A cell of every push has 3.12.
@pytest.mark.nightly
@pytest.mark.parametrize("others", [{}, OTHERS], ids=["", "others"])
@pytest.mark.parametrize(
    "version", [one for one in PYTHONS if one != DEFAULTS["python_version"]]
)
def test_project_passes_its_checks_on_each_python(
    version: str,
    others: Answers,
    checkout: Project,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need(version)
    monkeypatch.setenv("UV_PYTHON", version)
    project = checkout({**others, "python_version": version})

    assert version in (project / ".venv" / "pyvenv.cfg").read_text(encoding="utf-8")
    assert run(["make", "check"], project).returncode == 0


def test_required_python_is_not_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"no Python 3\.99"):
        need("3.99")
    monkeypatch.setenv(GIVEN, "3.99")
    with pytest.raises(pytest.fail.Exception, match=r"requires Python 3\.99"):
        need("3.99")


def test_nightly_workflow_has_a_job_for_each_python() -> None:
    nightly = (ROOT / ".github" / "workflows" / "nightly.yaml").read_text("utf-8")
    job = yaml.safe_load(nightly)["jobs"]["python"]
    [step] = [step for step in job["steps"] if step.get("env")]
    others = [one for one in PYTHONS if one != DEFAULTS["python_version"]]

    assert job["strategy"]["matrix"]["python"] == others
    assert step["env"] == {GIVEN: "${{ matrix.python }}"}
    assert test_project_passes_its_checks_on_each_python.__name__ in step["run"]
