"""A project works without its answers file, as its README promises."""

import re

import pytest

from tests.support.fixture_types import Project
from tests.support.matrix import CELLS

ANSWERS = ".copier-answers.yml"
# Documents, and the tools of `make update` and `make drift`.
READERS = ("README.md", "docs/", "upkeep", ANSWERS)


@pytest.mark.parametrize("cell", CELLS)
def test_only_the_update_tools_read_the_answers_file(
    cell: str, render: Project
) -> None:
    project = render(CELLS[cell])
    files = [path for path in project.rglob("*") if path.is_file()]
    readers = [
        path.relative_to(project).as_posix()
        for path in files
        if ANSWERS in path.read_text(encoding="utf-8")
    ]

    assert "README.md" in readers
    assert [name for name in readers if not name.startswith(READERS)] == []


@pytest.mark.parametrize("cell", CELLS)
def test_readme_names_every_file_to_delete(cell: str, render: Project) -> None:
    project = render(CELLS[cell])
    readme = (project / "README.md").read_text(encoding="utf-8")
    text = readme.partition("To leave the template")[2].partition("\n\n")[0]
    named = {*re.findall(r"`(\S+)`", text)} - {"template-update"}
    pipelines = {
        path.relative_to(project).as_posix()
        for path in [*project.glob(".github/workflows/*"), *project.glob(".gitlab-ci*")]
        if "upkeep.py" in path.read_text(encoding="utf-8")
    }

    assert named == {ANSWERS, "upkeep.py"} | pipelines
