"""Generated resources survive updates: their files, their lines, without a conflict."""

from pathlib import Path

import pytest

from extensions.rendering import Answers, answers_of, presets
from tests.support.commands import append
from tests.support.release_history import (
    NEXT,
    ReleaseHistory,
    adopt,
    tidy,
    tree,
    update,
    violations,
)
from tests.support.synthetic_release import PREDECESSOR
from upkeep.resource.fields import parse
from upkeep.resource.files import render
from upkeep.resource.registration import Registration, tables
from upkeep.resource.spec import Project, Resource, Target

RESOURCES = {
    ("note", "notes"): "title:str! body:text? parent:note? kind:enum(draft,live)",
    ("price_list", "price_lists"): "name:str valid_from:date? factor:decimal(6,3)",
    ("ticket", "tickets"): "subject:str tags:names due:datetime? note:note",
}
NOTE = Target.generated("note", "notes")
WORDS = "# A line of the team.\n"


def generated(project: Path) -> list[str]:
    """Write and register three resources, with edits. Returns their files."""
    answers = answers_of(project)
    known = Project(
        orm=str(answers["orm"]),
        auth=bool(answers["auth"]),
        example=bool(answers["example"]),
    )
    written: list[str] = []
    for (name, plural), fields in RESOURCES.items():
        resource = Resource(name, plural, parse(fields, {"note": NOTE}))
        files = render(resource, known)
        for path, text in files.items():
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_text(f"{text}{WORDS}", encoding="utf-8")
        model = files[f"app/models/{name}.py"]
        shared = Registration(resource, tables(model)).add(project)
        written += [*files, *shared]
    return written


@pytest.mark.parametrize("preset", presets())
def test_resources_survive_an_update(
    preset: str, release_history: ReleaseHistory, tmp_path: Path
) -> None:
    answers: Answers = presets()[preset]
    project = release_history.project(tmp_path / "project", PREDECESSOR, answers)
    fresh = release_history.project(tmp_path / "fresh", NEXT, answers)
    files = {*generated(project), *generated(fresh)}

    updated = tidy(update(adopt(project)))

    assert len(files) > 25
    assert violations(updated, fresh) == []


def test_changed_line_of_a_resource_is_found(
    release_history: ReleaseHistory, tmp_path: Path
) -> None:
    before = release_history.project(tmp_path / "before", NEXT, {})
    after = release_history.project(tmp_path / "after", NEXT, {})
    for project in (before, after):
        generated(project)
    append(after / "app/models/note.py", WORDS)

    assert violations(after, before) == ["differs: app/models/note.py"]
    assert tree(after).keys() == tree(before).keys()
