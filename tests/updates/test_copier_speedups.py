"""What the tests spare Copier changes nothing: here it is the plain one."""

import sys
from pathlib import Path

import pytest

from tests.support.commands import succeed
from tests.support.release_history import NEXT, Lab, adopt, update, violations
from tests.support.synthetic_release import PREDECESSOR, RUN_ONCE

COPIER = [sys.executable, "-m", "copier"]


def test_plain_copier_copies_and_updates_to_the_same(lab: Lab, tmp_path: Path) -> None:
    copy = [*COPIER, "copy", "--quiet", "--defaults", "--vcs-ref", PREDECESSOR]
    succeed([*copy, lab.template, "plain"], tmp_path)
    plain = tmp_path / "plain"

    assert violations(plain, lab.rendered(PREDECESSOR, {})) == []
    adopt(plain)
    # Copier's own choice would be the newest release, which NEXT is.
    succeed([*COPIER, "update", "--quiet", "--defaults"], plain)
    assert violations(plain, lab.rendered(NEXT, {})) == []


@pytest.mark.parametrize("looks", ["true", "false"])
def test_git_learns_what_can_be_run_where_it_does_not_look(
    looks: str, lab: Lab, tmp_path: Path
) -> None:
    project = adopt(lab.project(tmp_path / "project", PREDECESSOR, {}))
    succeed(["git", "config", "core.fileMode", looks], project)
    update(project)

    known = succeed(["git", "ls-files", "--stage", "--", RUN_ONCE], project)
    assert known.startswith("100755" if looks == "true" else "100644")
