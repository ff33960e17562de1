"""Plain Copier renders the template without --trust."""

import sys
from pathlib import Path

import pytest
from pytest_copie.plugin import Copie

from extensions.rendering import ANSWERS_FILE, presets
from tests.support.commands import run
from tests.support.fixture_types import Project
from tests.support.release_history import violations


@pytest.mark.parametrize("preset", presets())
def test_preset_renders(copie: Copie, preset: str, source: Path) -> None:
    result = copie.copy(presets()[preset], template_dir=source)

    assert result.exception is None
    assert result.exit_code == 0
    assert result.project_dir is not None
    assert (result.project_dir / ANSWERS_FILE).is_file()


@pytest.fixture
def copier(source: Path) -> list[str | Path]:
    """Return the documented command, without the destination."""
    return [sys.executable, "-m", "copier", "copy", "--defaults", source]


def test_command_line_needs_no_trust(
    copier: list[str | Path], render: Project, tmp_path: Path
) -> None:
    completed = run([*copier, "service"], tmp_path)

    assert completed.returncode == 0
    assert violations(tmp_path / "service", render()) == []


def test_invalid_answer_writes_nothing(
    copier: list[str | Path], tmp_path: Path
) -> None:
    completed = run([*copier, "--data", "project_slug=app", "service"], tmp_path)

    assert completed.returncode != 0
    assert "project_slug" in completed.stderr.splitlines()[-1]
    assert not (tmp_path / "service").exists()
