"""`copier update` merges a release into a project with edits."""

from pathlib import Path

import pytest

from extensions.rendering import render
from tests.support.commands import append, commit
from tests.support.fixture_types import Run
from tests.support.sample_releases import FIRST, LONGER, NEW, SECOND, whole_template
from tests.support.shared_cache import SharedCache

MINE = "\n\n# Written by the people of the project.\n"
EDITED = Path("app/core/context.py")


@pytest.fixture
def service(shared_cache: SharedCache, source: Path, tmp_path: Path) -> Path:
    """Create a project of the first release, when the second one is out."""
    template = whole_template(shared_cache, source)
    return shared_cache.adopt(render(tmp_path / "service", source=template, ref=FIRST))


def test_update_merges_the_release_and_keeps_edits(service: Path, run: Run) -> None:
    append(service / EDITED, MINE)
    commit(service, "Our own line")
    updated = run(["make", "update"], service)

    assert updated.returncode == 0
    assert (service / LONGER).read_text(encoding="utf-8").endswith(NEW)
    assert (service / EDITED).read_text(encoding="utf-8").endswith(MINE)
    assert SECOND in (service / ".copier-answers.yml").read_text(encoding="utf-8")


def test_update_with_uncommitted_changes_is_refused(service: Path, run: Run) -> None:
    append(service / EDITED, MINE)
    refused = run(["make", "update"], service)

    assert refused.returncode != 0
    assert "commit" in refused.stderr
    assert not (service / LONGER).read_text(encoding="utf-8").endswith(NEW)
