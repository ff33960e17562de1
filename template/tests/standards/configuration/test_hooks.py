"""A commit runs the hooks, and what they refuse is not committed."""

import os
import shutil
import subprocess  # nosec B404
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
CONFIGURATION = ROOT / ".pre-commit-config.yaml"
NOBODY = {
    f"GIT_{role}_{part}": "nobody@example.com"
    for role in ("AUTHOR", "COMMITTER")
    for part in ("NAME", "EMAIL")
}


def repository(folder: Path) -> Path:
    """Make a repository that has the project's settings and its environment."""
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".env":
            shutil.copy(path, folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git, with the hook of flake8 alone: it is the quickest to refuse."""
    repos = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))["repos"]
    hooks = {hook["id"] for repo in repos for hook in repo["hooks"]}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "VIRTUAL_ENV"))
    }
    return subprocess.run(  # nosec B603 B607
        ["git", *arguments],
        cwd=folder,
        env=inherited | NOBODY | {"SKIP": ",".join(hooks - {"flake8"})},
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.mark.blocks
def test_a_commit_that_a_hook_refuses_is_not_made(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    git(folder, "init", "--quiet")
    install = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True)  # nosec B603
    (folder / "planted.py").write_text('"""Planted."""\n\nimport os\n')
    git(folder, "add", "planted.py", CONFIGURATION.name)
    committed = git(folder, "commit", "--message", "Planted")

    assert committed.returncode != 0, "HOOK-09: the commit was made"
    assert "F401" in committed.stdout + committed.stderr, "HOOK-09: flake8 did not run"
