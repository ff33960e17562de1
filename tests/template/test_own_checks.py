"""The template's own code passes its own gates, and they find what is wrong."""

import shutil
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support.commands import succeed
from tests.support.fixture_types import Run

CHECK = [".venv/bin/pre-commit", "run", "--all-files"]


@pytest.fixture
def house(source: Path, tmp_path: Path) -> Path:
    """Give the template's repository, to be changed, with its installed tools."""
    shutil.copytree(source, tmp_path / "house")
    (tmp_path / "house" / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path / "house"


def test_the_template_passes_its_own_gates(house: Path, run: Run) -> None:
    assert run(CHECK, house).returncode == 0


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
def test_a_gate_finds_a_planted_fault(
    hook: str, text: str, house: Path, run: Run
) -> None:
    (house / "extensions" / "planted.py").write_text(text, encoding="utf-8")
    succeed(["git", "add", "."], house)

    assert run([*CHECK, hook], house).returncode != 0
