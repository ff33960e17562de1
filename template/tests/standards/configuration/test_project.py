"""The project has the shape that the standard wants; its commands do what they say."""

import os
import re
import subprocess  # nosec B404
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Their settings stand in pyproject.toml.
ALONE = """
    .bandit .black .coveragerc .flake8 .isort.cfg .mypy.ini .pylintrc mypy.ini
    pyrightconfig.json pytest.ini setup.cfg tox.ini
""".split()

# Neither an environment that is active nor a make that runs these tests speaks along.
UNTOLD = ["env", "-u", "VIRTUAL_ENV", "-u", "MAKEFLAGS", "-u", "MAKELEVEL"]


def dry(target: str) -> str:
    """Say what a command of the Makefile would run."""
    return subprocess.run(  # nosec B603 B607
        ["make", "--dry-run", target],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout


@pytest.mark.blocks
def test_one_command_profiles_the_service() -> None:
    assert re.search("py-spy|cProfile", dry("profile")), "ASYNC-09: nothing profiles"


@pytest.mark.blocks
def test_tools_run_in_an_environment_of_the_project(tmp_path: Path) -> None:
    where = tmp_path / "where.mk"
    where.write_text(
        "include Makefile\nwhere:\n\t@$(RUN) python -c "
        "'import sys; print(sys.prefix != sys.base_prefix)'\n",
        encoding="utf-8",
    )
    # As in a terminal where no environment is active.
    outside = [
        place
        for place in os.environ["PATH"].split(os.pathsep)
        if place != str(Path(sys.executable).parent)
    ]
    said = subprocess.run(  # nosec B603 B607
        [*UNTOLD, "make", "-f", str(where), "where"],
        cwd=ROOT,
        env=os.environ | {"PATH": os.pathsep.join(outside)},
        capture_output=True,
        check=False,
        text=True,
    )

    assert said.stdout.strip() == "True", "TOOL-08: tools run outside an environment"


def test_pyproject_is_the_one_file_about_packaging() -> None:
    found = [name for name in ("setup.py", "setup.cfg") if (ROOT / name).exists()]

    assert found == [], f"TOOL-06: {found} beside pyproject.toml"


def test_no_tool_has_a_settings_file_of_its_own() -> None:
    found = [name for name in ALONE if (ROOT / name).exists()]

    assert found == [], f"TOOL-07: {found} beside pyproject.toml"


@pytest.mark.blocks
def test_env_is_documented_and_never_committed(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    (tmp_path / ".env").touch()
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)  # nosec B603
    committed = subprocess.run(  # nosec B603
        [*git, "ls-files", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()

    assert ".env" not in committed, "SEC-04: git would take .env"
    assert (ROOT / ".env.example").exists(), "SEC-04: nothing says what .env may hold"


@pytest.mark.parametrize("command", ["make install", "make check", "hooks"])
def test_the_readme_says_how_to_install_and_commit(command: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert command in readme, f"HOWTO-01: the README does not name {command!r}"
