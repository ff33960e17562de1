"""Projects pass their checks with releases that their requirements exclude.

Nothing is locked in the template, so all other tests run with the newest releases that
the requirements allow. These allow the next major releases and pre-releases, too.
"""

import re
from pathlib import Path

import pytest

from extensions.postgresql import Server
from extensions.rendering import Answers
from tests.support.fixture_types import Copy, Run
from tests.support.shared_cache import SharedCache

OTHERS = {"orm": "sqlmodel", "logging": "stdlib", "type_checker": "both"}
REQUIREMENT = re.compile(r'^(    "[\w\[\],-]+>=[\d.]+\d)(?:,<[\d.]+)?",$', re.MULTILINE)
FILE = "pyproject.toml"


def open_bounds(text: str) -> str:
    """Remove the upper bounds of the libraries, and allow their pre-releases.

    A lower bound that is a pre-release allows those of this library only.
    """
    libraries, tools, rest = text.partition("[dependency-groups]")
    return REQUIREMENT.sub(r'\1.dev0",', libraries) + tools + rest


def allow_newest(project: Path) -> Path:
    """Open the bounds of a project's libraries."""
    file = project / FILE
    file.write_text(open_bounds(file.read_text(encoding="utf-8")), encoding="utf-8")
    return project


def test_bounds_of_all_libraries_are_opened(copy: Copy, tmp_path: Path) -> None:
    project = allow_newest(copy(tmp_path / "project", OTHERS))
    text = (project / FILE).read_text(encoding="utf-8")
    libraries, _, tools = text.partition("[dependency-groups]")

    for name in ("fastapi", "starlette", "sqlalchemy[asyncio]", "asyncpg", "sqlmodel"):
        assert re.search(rf'"{re.escape(name)}>=[\d.]+\.dev0",', libraries)
    assert ",<" not in libraries.partition("dependencies = [")[2]
    assert '"mypy>=' in tools and ",<" in tools and ".dev0" not in tools


@pytest.mark.nightly
@pytest.mark.parametrize("answers", [{}, OTHERS], ids=["default", "others"])
def test_project_passes_its_checks_with_the_newest_libraries(
    answers: Answers,
    copy: Copy,
    shared_cache: SharedCache,
    postgresql: Server,
    tmp_path: Path,
    run: Run,
) -> None:
    project = shared_cache.adopt(allow_newest(copy(tmp_path / "project", answers)))
    server = {"TEST_DATABASE_URL": postgresql.database()}

    assert run(["make", "check"], project, server).returncode == 0
