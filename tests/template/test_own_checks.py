"""The template repository passes its own checks, and they find faults."""

import shutil
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support.commands import succeed
from tests.support.fixture_types import Run

CHECK = [".venv/bin/pre-commit", "run"]


@pytest.fixture
def repository(source: Path, tmp_path: Path) -> Path:
    """Create a copy of the template's repository, with its installed tools."""
    shutil.copytree(source, tmp_path / "repository")
    (tmp_path / "repository" / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path / "repository"


def test_template_passes_its_own_gates(repository: Path, run: Run) -> None:
    assert run([*CHECK, "--all-files"], repository).returncode == 0


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        ("trailing-whitespace", "X = 1 \n"),
        ("end-of-file-fixer", "X = 1\n\n\n"),
        ("black", "X = { }\n"),
        ("isort", "import sys\nimport os\n"),
        ("flake8", '"""A fault."""\n\nimport os\n'),
        ("bandit", "from hashlib import md5\n\nX = md5(b'').hexdigest()\n"),
        ("detect-secrets", f"X = '{'AKIA'}QYLPMN5HHHFPZAM2'\n"),
        ("mypy", 'X: int = "text"\n'),
    ],
)
def test_gate_finds_a_planted_fault(
    hook: str, text: str, repository: Path, run: Run
) -> None:
    planted = repository / "extensions" / "planted.py"
    planted.write_text('"""A module."""\n\nX = 1\n', encoding="utf-8")
    succeed(["git", "add", "."], repository)
    check = [*CHECK, hook, "--files", str(planted)]
    assert run(check, repository).returncode == 0

    planted.write_text(text, encoding="utf-8")
    assert run(check, repository).returncode == 1
