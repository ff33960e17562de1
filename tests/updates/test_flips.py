"""Changing an answer keeps the lines that users wrote."""

from pathlib import Path
from typing import Any

import pytest

from extensions.questions import ROOT
from extensions.release import releases
from extensions.rendering import Answers
from tests.support.edits import EDITS
from tests.support.matrix import offered
from tests.support.release_history import NEXT, ReleaseHistory

*_, NEWEST = releases(ROOT)
# Every answer is chosen once, and replaced once.
SWITCHES = [
    (question, before, after)
    for question, (first, *others) in offered().items()
    for other in others
    for before, after in ((first, other), (other, first))
]
ON_EVERY_PUSH = [
    ("auth", True, False),
    ("ci", "github", "gitlab"),
    ("docker", False, True),
    ("example", True, False),
    ("package_manager", "uv", "poetry"),
]
DAILY = [(NEXT, switch) for switch in ON_EVERY_PUSH]
# Edits beside lines that are removed, by a release or by an answer.
KNOWN = {
    # No marker for imports: users sorted theirs in.
    "v0.3.0": ["imports"],
    # The last line of the README has the license, and users write below it.
    "license": ["documents"],
}
CASES = [
    pytest.param(
        release,
        *switch,
        marks=[] if (release, switch) in DAILY else [pytest.mark.nightly],
        id=f"{release}-{'-'.join(map(str, switch))}",
    )
    for release in (f"v{NEWEST}", NEXT)
    for switch in SWITCHES
]


def test_flips_of_every_push_are_switches() -> None:
    assert [switch for switch in ON_EVERY_PUSH if switch not in SWITCHES] == []


@pytest.mark.parametrize(("release", "question", "before", "after"), CASES)
def test_edits_survive_another_answer(
    release: str,
    question: str,
    before: Any,
    after: Any,
    release_history: ReleaseHistory,
    tmp_path: Path,
) -> None:
    place, old, new = tmp_path / "project", {question: before}, {question: after}
    known = [*KNOWN.get(release, []), *KNOWN.get(question, [])]

    assert (
        release_history.commutation(place, release, old, flip=new, without=known) == []
    )


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("release", "flip", "known", "file"),
    [
        ("v0.3.0", {"auth": False}, "v0.3.0", "app/models/__init__.py"),
        (NEXT, {"license": "proprietary"}, "license", "README.md"),
    ],
)
def test_known_conflicts_still_occur(
    release: str,
    flip: Answers,
    known: str,
    file: str,
    release_history: ReleaseHistory,
    tmp_path: Path,
) -> None:
    others = {*EDITS, "dependencies"} - {*KNOWN[known]}
    found = release_history.commutation(tmp_path / "project", release, {}, flip, others)

    assert f"marks of a conflict: {file}" in found
