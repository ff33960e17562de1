"""Edits of users, in every user-owned place of a project."""

from collections.abc import Iterable
from pathlib import Path

from extensions.rendering import Answers, answers_of
from tests.support.edits import (
    commands,
    composition,
    containers,
    dependencies,
    documents,
    example,
    ignores,
    pipelines,
    resource,
    seeded,
    settings,
)
from tests.support.edits.edit import Edit

EDITS = {
    "imports": [*resource.IMPORTS, *settings.IMPORTS],
    "resource": resource.EDITS,
    "tool settings": dependencies.TOOL_SETTINGS,
    "settings": settings.EDITS,
    "lines of the composition root": composition.EDITS,
    "mount and middleware": composition.SERVING,
    "targets and hooks": commands.EDITS,
    "ignored files": ignores.EDITS,
    "jobs": pipelines.EDITS,
    "services and volumes": containers.EDITS,
    "example": example.EDITS,
    "documents": documents.EDITS,
    "seeded files": seeded.EDITS,
}
OWN_TARGET = "own:\n\t@echo own\n"


def edits_of(start: Path, without: Iterable[str] = ()) -> list[Edit]:
    """Return all edits that are possible in a project of its release."""
    manager = answers_of(start).get("package_manager", "uv")
    named = EDITS | {"dependencies": dependencies.EDITS[manager]}
    return [
        edit.fitting(start)
        for name in sorted({*named} - {*without})
        for edit in named[name]
        if (start / edit.file).exists()
    ]


def write(project: Path, edits: Iterable[Edit], answers: Answers) -> Path:
    """Write own files into a project, then own lines into files of the template."""
    resource.add_files(project, answers)
    (project / "Makefile.local").write_text(OWN_TARGET, encoding="utf-8")
    for edit in edits:
        edit.apply(project)
    return project
