"""Copy and update give what a fresh copy gives: from every release, to every answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from extensions.questions import ROOT
from extensions.release import releases
from extensions.rendering import Answers, answers_of, presets, render
from tests.house.commands import commit
from tests.house.lab import NEXT, adopt, history, update, violations
from tests.house.matrix import CELLS, DAILY, whole
from tests.house.shelf import Shelf, key

RELEASES = [f"v{version}" for version in releases(ROOT)]
# One project goes this way: each answer is chosen once and given up once.
ROUNDS = {"few": [*DAILY, DAILY[0]], "all": [*CELLS, DAILY[0]]}


class Rendered(Protocol):
    """Gives a project of a release, to be read only: once for each set of answers."""

    def __call__(self, release: str, answers: Answers) -> Path:
        """Give its folder."""


@pytest.fixture(scope="session")
def template(shelf: Shelf) -> Path:
    """Give the template with its releases."""
    return shelf.once("history", history)


@pytest.fixture(scope="session")
def rendered(shelf: Shelf, template: Path) -> Rendered:
    """Give projects to compare with."""

    def rendered(release: str, answers: Answers) -> Path:
        return shelf.once(
            f"releases/{release}-{key(answers)}",
            lambda place: render(place, answers, source=template, ref=release),
        )

    return rendered


def test_there_are_releases_to_start_from() -> None:
    assert RELEASES


@pytest.mark.parametrize("preset", presets())
@pytest.mark.parametrize("release", RELEASES)
def test_an_update_gives_what_a_fresh_copy_gives(
    release: str, preset: str, template: Path, rendered: Rendered, tmp_path: Path
) -> None:
    asked = answers_of(rendered(release, {}))
    answers = {name: one for name, one in presets()[preset].items() if name in asked}
    project = render(tmp_path / "project", answers, source=template, ref=release)

    assert violations(update(adopt(project)), rendered(NEXT, answers)) == []


@pytest.mark.parametrize(
    "name", ["few", pytest.param("all", marks=pytest.mark.nightly)]
)
def test_another_answer_gives_what_a_fresh_copy_gives(
    name: str, template: Path, rendered: Rendered, tmp_path: Path
) -> None:
    start, *cells = ROUNDS[name]
    first = render(tmp_path / "project", CELLS[start], source=template, ref=NEXT)
    project, wrong = adopt(first), {}
    for cell in cells:
        # All of them: what is not named keeps its answer.
        answers = whole(CELLS[cell])
        update(project, answers)
        wrong[cell] = violations(project, rendered(NEXT, answers))
        commit(project)

    assert {cell: found for cell, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda place: (place / "a").unlink(), "missing: a"),
        (lambda place: (place / "b").write_text("new"), "left over: b"),
        (lambda place: (place / "a").write_text("other"), "differs: a"),
        (lambda place: (place / "a").chmod(0o755), "differs: a"),
        (
            lambda place: (place / ".rej").write_text("<<<<<<< before updating"),
            "marks of a conflict: .rej",
        ),
    ],
    ids=["missing", "left over", "bytes", "mode", "marks"],
)
def test_what_an_update_breaks_is_seen(
    change: Callable[[Path], object], found: str, tmp_path: Path
) -> None:
    fresh, updated = tmp_path / "fresh", tmp_path / "updated"
    for place in (fresh, updated):
        place.mkdir()
        (place / "a").write_text("same")
    assert violations(updated, fresh) == []
    change(updated)

    assert found in violations(updated, fresh)
