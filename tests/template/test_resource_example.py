"""The example resource is what `make resource` would write."""

import subprocess
import sys
from pathlib import Path

import pytest

from extensions.rendering import Answers
from tests.support.fixture_types import Project
from upkeep.resource.files import render as render_resource
from upkeep.resource.spec import Field
from upkeep.resource.spec import Project as Answered
from upkeep.resource.spec import Resource

# Items have these fields: name:str:120! description:text? tags:names:64
ITEM = Resource(
    "item",
    "items",
    (
        Field("name", "str", length=120, unique=True),
        Field("description", "text", optional=True),
        Field("tags", "names", length=64),
    ),
)
CELLS: list[Answers] = [
    {"orm": orm, "auth": auth}
    for orm in ("sqlalchemy", "sqlmodel")
    for auth in (True, False)
]


def format_files(folder: Path, settings: Path) -> None:
    """Format Python files with the settings of a project."""
    for command in (["isort", "--settings-file"], ["black", "--config"]):
        tool, option = command
        arguments = [sys.executable, "-m", tool, "-q", option, str(settings), "."]
        subprocess.run(arguments, cwd=folder, check=True)


@pytest.mark.parametrize("answers", CELLS, ids=str)
def test_example_is_what_the_generator_writes(
    answers: Answers, render: Project, tmp_path: Path
) -> None:
    project = render(answers)
    described = Answered(str(answers["orm"]), bool(answers["auth"]), example=True)
    files = {
        path: text
        for path, text in render_resource(ITEM, described).items()
        if path.startswith("app/")
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    format_files(tmp_path, project / "pyproject.toml")

    written = {path: (tmp_path / path).read_text(encoding="utf-8") for path in files}
    assert written == {
        path: (project / path).read_text(encoding="utf-8") for path in files
    }
    assert len(files) == 4
