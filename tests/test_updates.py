"""A release reaches a project that somebody already works in."""

from pathlib import Path

import pytest

from extensions.rendering import render
from tests.house.commands import append, commit, succeed
from tests.house.kinds import Run
from tests.house.shelf import Shelf

NEW = "\n\n# The next release says more.\n"
MINE = "\n\n# Written by the people of the project.\n"
CHANGED = Path("app/core/ids.py")
EDITED = Path("app/core/context.py")


@pytest.fixture
def template(source: Path, tmp_path: Path) -> Path:
    """Give a template of the test's own, with a first release."""
    place = tmp_path / "template"
    succeed(["git", "clone", "--quiet", source, place], tmp_path)
    succeed(["git", "tag", "v0.0.1"], place)
    return place


@pytest.fixture
def service(template: Path, tmp_path: Path, shelf: Shelf) -> Path:
    """Give a project of the first release; the second one is out."""
    project = shelf.adopt(render(tmp_path / "service", source=template, ref="v0.0.1"))
    append(template / "template" / CHANGED, NEW)
    commit(template, "The second release")
    succeed(["git", "tag", "v0.0.2"], template)
    return project


def test_an_update_brings_the_release_and_keeps_what_people_wrote(
    service: Path, run: Run
) -> None:
    append(service / EDITED, MINE)
    commit(service, "Our own line")
    updated = run(["make", "update"], service)

    assert updated.returncode == 0
    assert (service / CHANGED).read_text(encoding="utf-8").endswith(NEW)
    assert (service / EDITED).read_text(encoding="utf-8").endswith(MINE)
    assert "v0.0.2" in (service / ".copier-answers.yml").read_text(encoding="utf-8")


def test_an_update_refuses_work_that_is_not_committed(service: Path, run: Run) -> None:
    append(service / EDITED, MINE)
    refused = run(["make", "update"], service)

    assert refused.returncode != 0
    assert "commit" in refused.stderr
    assert not (service / CHANGED).read_text(encoding="utf-8").endswith(NEW)
