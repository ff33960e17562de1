"""A project in a larger repository, in a uv workspace, and beside deleted files."""

import os
import shutil
from pathlib import Path

import pytest
import yaml
from uv import find_uv_bin

from extensions.questions import ROOT
from tests.support.commands import Completed, commit, run, succeed
from tests.support.fixture_types import Project
from tests.support.git_settings import write
from tests.support.shared_cache import MANAGERS

# Knows about workspaces, and installs nothing.
UV = """#!/bin/sh
test "$1" != workspace || exec {uv} "$@"
echo "uv $*"
"""
WORKSPACE = """\
[project]
name = "larger"
version = "0.1.0"
requires-python = ">=3.13"

[tool.uv.workspace]
members = ["services/*"]
"""


@pytest.fixture
def folder(render: Project, tmp_path: Path) -> Path:
    """Give a project in a folder of something larger."""
    return Path(shutil.copytree(render(), tmp_path / "larger/services/shop"))


def make(target: str, folder: Path, tmp_path: Path, **variables: str) -> Completed:
    """Run a target with a uv that installs nothing."""
    uv = write(tmp_path / "bin/uv", UV.format(uv=find_uv_bin()))
    uv.chmod(0o755)
    path = f"{uv.parent}{os.pathsep}{os.environ['PATH']}"
    return run(["make", target], folder, {"PATH": path, **variables})


def test_hooks_are_installed_at_the_top_of_a_repository(
    folder: Path, tmp_path: Path
) -> None:
    succeed(["git", "init", "--quiet"], folder)

    assert "pre-commit install" in make("install", folder, tmp_path).stdout


@pytest.mark.parametrize(
    ("place", "settings", "reason"),
    [
        ("", "", "no repository yet; git init"),
        ("../..", "", "no git hooks and no pipelines: they work at the top"),
        (".", "[core]\nhooksPath = /hooks\n", "git runs those in /hooks"),
    ],
)
def test_hooks_that_can_not_work_are_explained(
    place: str, settings: str, reason: str, folder: Path, tmp_path: Path
) -> None:
    if place:
        succeed(["git", "init", "--quiet", place], folder)
    config = write(tmp_path / "gitconfig", settings)
    done = make("install", folder, tmp_path, GIT_CONFIG_GLOBAL=str(config))

    assert done.returncode == 0
    assert reason in done.stdout and "pre-commit install" not in done.stdout


def test_a_member_of_a_uv_workspace_is_told_to_leave_it(
    folder: Path, tmp_path: Path
) -> None:
    larger = write(tmp_path / "larger/pyproject.toml", WORKSPACE)
    refused = make("install", folder, tmp_path)
    lock = make("lock", folder, tmp_path)
    line = 'exclude = ["services/shop"]'
    write(larger, f"{WORKSPACE}{line}\n")
    done = make("install", folder, tmp_path)

    assert refused.returncode == lock.returncode == 2
    assert "uv sync" not in refused.stdout and "uv lock" not in lock.stdout
    for told in (refused.stderr, lock.stderr):
        assert line in told and str(larger.parent) in told
    assert done.returncode == 0 and "uv sync" in done.stdout


def test_another_environment_of_uv_is_not_used(folder: Path) -> None:
    printed = run(
        ["make", "--eval=show: ; @env", "show"],
        folder,
        {"UV_PROJECT_ENVIRONMENT": "elsewhere"},
    )

    assert "UV_PROJECT_ENVIRONMENT" not in printed.stdout


@pytest.mark.parametrize("manager", MANAGERS)
def test_large_files_are_found_beside_a_deleted_file(
    manager: str, render: Project, tmp_path: Path
) -> None:
    answers = {"package_manager": manager}
    project = Path(shutil.copytree(render(answers), tmp_path / "project"))
    gates = yaml.safe_load((project / "standards/gates.yml").read_text("utf-8"))
    command = str(gates["check-added-large-files"]["command"])
    words = command.replace("uv run --locked ", ".venv/bin/")
    words = words.replace("poetry run ", ".venv/bin/")
    (project / ".venv").symlink_to(ROOT / ".venv")
    succeed(["git", "init", "--quiet"], project)
    commit(project)
    (project / "README.md").unlink()
    deleted = run(["bash", "-c", words], project)
    for name in ("new.bin", "local.db"):
        (project / name).write_bytes(bytes(600_000))
    succeed(["git", "add", "--force", "local.db"], project)
    found = run(["bash", "-c", words], project)

    assert (deleted.returncode, deleted.stdout) == (0, "")
    assert found.returncode and sorted(found.stdout.splitlines()) == [
        "local.db (586 KB) exceeds 500 KB.",
        "new.bin (586 KB) exceeds 500 KB.",
    ]
