"""The development container of a project starts and runs its tests."""

import os
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.commands import Completed, succeed
from tests.support.fixture_types import Copy

CLI = ["npx", "--yes", "@devcontainers/cli@0.89.0"]
USER = 1000
# The CLI passes an option that podman rejects for root.
PODMAN = """\
#!/bin/sh
for word; do
    shift
    [ "$word" = --userns=keep-id ] || set -- "$@" "$word"
done
exec podman "$@"
"""


class Engine(Protocol):
    """podman with a storage of its own."""

    def run(self, *command: str | Path, cwd: Path) -> Completed:
        """Run a command with this storage, and return its result."""


@pytest.fixture
def project(copy: Copy, tmp_path: Path) -> Path:
    """Create a project that the user of the container owns."""
    project = copy(tmp_path / "project", {"devcontainer": True})
    succeed(["git", "init", "--quiet"], project)
    for path in (project, *project.rglob("*")):
        os.chown(path, USER, USER)
    return project


@pytest.mark.nightly
def test_project_is_installed_in_development_container(
    engine: Engine, project: Path, tmp_path: Path
) -> None:
    podman = tmp_path / "podman"
    podman.write_text(PODMAN, encoding="utf-8")
    podman.chmod(0o700)

    def do(verb: str, *words: str) -> Completed:
        place = ["--docker-path", str(podman), "--workspace-folder", str(project)]
        return engine.run(*CLI, verb, *place, *words, cwd=project)

    started = do("up", "--buildkit", "never")
    assert '"outcome":"success"' in started.stdout

    tested = do("exec", ".venv/bin/pytest", "--quiet", "tests/unit/core/test_config.py")
    assert tested.returncode == 0
    assert do("exec", "id", "--user").stdout.strip() == str(USER)
    assert "pre-commit" in do("exec", "cat", ".git/hooks/pre-commit").stdout
