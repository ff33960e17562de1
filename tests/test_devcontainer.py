"""An editor that knows development containers opens a project: really."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from tests.house.commands import run, succeed
from tests.house.kinds import Copy

CLI = ["npx", "--yes", "@devcontainers/cli@0.89.0"]
PODMAN = ["--docker-path", "podman", "--workspace-folder"]


class Storage(Protocol):
    """Where podman keeps what it builds."""

    @property
    def variables(self) -> Mapping[str, str]:
        """Say where that is."""


@pytest.mark.nightly
def test_a_project_is_installed_in_its_container(
    engine: Storage, copy: Copy, tmp_path: Path
) -> None:
    project = copy(tmp_path / "project", {"devcontainer": True})
    succeed(["git", "init", "--quiet"], project)
    up = [*CLI, "up", "--buildkit", "never", *PODMAN, str(project)]
    inside = [*CLI, "exec", *PODMAN, str(project)]
    started = run(up, project, engine.variables)
    asked = run([*inside, "make", "types"], project, engine.variables)
    who = run([*inside, "id", "--user"], project, engine.variables)

    assert '"outcome":"success"' in started.stdout
    assert "pre-commit installed" in started.stderr + started.stdout
    assert asked.returncode == 0
    assert who.stdout.strip() != "0"
