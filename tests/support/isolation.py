"""Hides the developer's own settings and environment from the tests."""

import os
import sys
from importlib import metadata
from pathlib import Path

from pip._internal.commands import create_command
from uv import find_uv_bin

from extensions.interpreters import pyenv_directories

PLUGIN = "poetry-plugin-pypi-mirror"
GIT_CONFIG = """\
[user]
    name = Test
    email = test@example.com
[init]
    defaultBranch = main
[core]
    fsync = none
[gc]
    auto = 0
[safe]
    directory = *
"""
# What make, an activated environment or a service in use would hand down.
FOREIGN = """
    ARGS COPIER_ANSWERS_FILE CORS_ORIGINS DATABASE_URL ENVIRONMENT GIT_DIR
    CONDA_PREFIX GIT_INDEX_FILE GIT_WORK_TREE LOG_LEVEL MAKEFLAGS MAKELEVEL MFLAGS PORT
    PYTHON PYTHONPATH SECRET_KEY
    TEST_DATABASE_URL TEST_EXAMPLES UV_PYTHON VIRTUAL_ENV WEB_CONCURRENCY
""".split()


def isolate(folder: Path) -> None:
    """Point Copier, git and PATH to a folder of this run."""
    (folder / "gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    (folder / "settings.yml").write_text("{}\n", encoding="utf-8")
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(
        COPIER_CACHE_DIR=str(folder / "copier"),
        COPIER_SETTINGS_PATH=str(folder / "settings.yml"),
        GIT_CONFIG_GLOBAL=str(folder / "gitconfig"),
        GIT_CONFIG_SYSTEM=os.devnull,
        # What is imported compiles itself: pip would compile every package whole.
        PIP_COMPILE="0",
        POETRY_PYPI_MIRROR_URL=index(),
        PATH=os.pathsep.join([tools(folder / "tools"), *foreign_path()]),
    )


def index() -> str:
    """Ask pip where packages come from: Poetry would ask one place only."""
    return str(create_command("install").parser.get_default_values().index_url)


def mirror() -> list[Path]:
    """Give the folders of the plugin that lets Poetry ask the same place."""
    packages = Path(str(metadata.distribution(PLUGIN).locate_file("")))
    return [*packages.glob(f"{PLUGIN.replace('-', '_')}*")]


def tools(folder: Path) -> str:
    """Gather what a project finds on PATH: uv, Poetry, and what only pyenv knows."""
    folder.mkdir()
    commands = [Path(find_uv_bin()).with_name(name) for name in ("uv", "uvx", "poetry")]
    for directory in pyenv_directories():
        commands += directory.glob("python3.[1-9][0-9]")
    for command in commands:
        if not (folder / command.name).exists():
            (folder / command.name).symlink_to(command)
    return str(folder)


def foreign_path() -> list[str]:
    """Leave the template's own environment out of PATH: a project brings its own."""
    own = str(Path(sys.executable).parent)
    return [place for place in os.environ["PATH"].split(os.pathsep) if place != own]
