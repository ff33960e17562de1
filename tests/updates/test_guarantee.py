"""Copy and update give what a fresh copy gives: from every release, to every answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from extensions.questions import ROOT
from extensions.release import releases
from extensions.rendering import presets
from tests.support.commands import commit
from tests.support.edits import EDITS, edits_of, resource, write
from tests.support.fixture_types import Run
from tests.support.matrix import CELLS, DAILY, whole
from tests.support.release_history import (
    NEXT,
    ReleaseHistory,
    adopt,
    update,
    violations,
)
from tests.support.shared_cache import SharedCache
from tests.support.synthetic_release import PREDECESSOR

RELEASES = [f"v{version}" for version in releases(ROOT)]
ON_EVERY_PUSH = ("minimal", "standard")
CASES = [
    pytest.param(
        release, preset, marks=[] if preset in ON_EVERY_PUSH else [pytest.mark.nightly]
    )
    for release in (*RELEASES, PREDECESSOR)
    for preset in presets()
]
# Releases without a marker for imports: users sorted their imports in.
WITHOUT_A_LINE_FOR_IMPORTS = ["v0.1.0", "v0.2.0", "v0.3.0"]
# Conflicts of old releases that can not be corrected: release, edit, file.
KNOWN = {
    # 0.2.0 has an import in the line in which users of 0.1.0 wrote theirs.
    ("v0.1.0", "standard"): {"mount and middleware": "app/main.py"},
    # The only import of this router, next to that of users, was replaced.
    **{
        (release, "minimal"): {"imports": "app/api/router.py"}
        for release in WITHOUT_A_LINE_FOR_IMPORTS
    },
}
IMPORTING = [edit for edits in EDITS.values() for edit in edits if edit.older]
# One project takes these answers in turn: each is chosen and replaced once.
ROUNDS = {"few": [*DAILY, DAILY[0]], "all": [*CELLS, DAILY[0]]}


def known_conflicts(release: str, preset: str) -> dict[str, str]:
    """Return the edits that conflict in a preset, with those of the standard preset."""
    standard = KNOWN.get((release, "standard"), {})
    return standard | KNOWN.get((release, preset), {})


def test_releases_to_update_from_exist() -> None:
    assert RELEASES


@pytest.mark.parametrize(("release", "preset"), CASES)
def test_update_equals_a_fresh_copy(
    release: str, preset: str, release_history: ReleaseHistory, tmp_path: Path
) -> None:
    found = release_history.equivalence(
        tmp_path / "project", release, presets()[preset]
    )

    assert found == []


@pytest.mark.parametrize(("release", "preset"), CASES)
def test_edits_before_an_update_equal_edits_after_it(
    release: str, preset: str, release_history: ReleaseHistory, tmp_path: Path
) -> None:
    place, answers = tmp_path / "project", presets()[preset]
    known = known_conflicts(release, preset)

    assert release_history.commutation(place, release, answers, without=known) == []


@pytest.mark.nightly
@pytest.mark.parametrize("manager", ["poetry", "pip"])
@pytest.mark.parametrize("release", [RELEASES[-1], PREDECESSOR])
def test_edits_of_another_package_manager_survive(
    release: str, manager: str, release_history: ReleaseHistory, tmp_path: Path
) -> None:
    place, answers = tmp_path / "project", {"package_manager": manager}

    assert release_history.commutation(place, release, answers) == []


@pytest.mark.nightly
def test_updated_project_passes_its_own_gates(
    release_history: ReleaseHistory, shared_cache: SharedCache, run: Run, tmp_path: Path
) -> None:
    oldest = RELEASES[0]
    project = release_history.project(tmp_path / "project", oldest, {})
    edits = edits_of(project, known_conflicts(oldest, "standard"))
    update(adopt(write(project, edits, {})))
    # The notes of the release that added the list ask users for this line.
    for edit in resource.OPEN_ROUTES:
        edit.apply(project)
    commit(shared_cache.install(project))

    assert run(["make", "check"], project).returncode == 0


@pytest.mark.parametrize(
    ("release", "preset", "name", "file"),
    [(*start, *found) for start, all_ in KNOWN.items() for found in all_.items()],
)
def test_known_conflicts_still_occur(
    release: str,
    preset: str,
    name: str,
    file: str,
    release_history: ReleaseHistory,
    tmp_path: Path,
) -> None:
    others, answers = {*EDITS, "dependencies"} - {name}, presets()[preset]
    found = release_history.commutation(
        tmp_path / "project", release, answers, without=others
    )

    assert f"marks of a conflict: {file}" in found


@pytest.mark.parametrize("release", [*RELEASES, PREDECESSOR])
def test_only_old_releases_lack_the_marker_for_imports(
    release: str, release_history: ReleaseHistory
) -> None:
    project = release_history.rendered(release, {})
    sorted_in = [edit.file for edit in IMPORTING if edit.fitting(project) != edit]

    expected = [edit.file for edit in IMPORTING]
    assert sorted_in == (expected if release in WITHOUT_A_LINE_FOR_IMPORTS else [])


@pytest.mark.parametrize(
    "name", ["few", pytest.param("all", marks=pytest.mark.nightly)]
)
def test_update_with_another_answer_equals_a_fresh_copy(
    name: str, release_history: ReleaseHistory, tmp_path: Path
) -> None:
    start, *cells = ROUNDS[name]
    project, wrong = (
        adopt(release_history.render(tmp_path / "project", NEXT, CELLS[start])),
        {},
    )
    for cell in cells:
        # All answers, because an answer that is not given keeps its value.
        answers = whole(CELLS[cell])
        update(project, answers)
        wrong[cell] = violations(project, release_history.rendered(NEXT, answers))
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
def test_planted_fault_of_an_update_is_found(
    change: Callable[[Path], object], found: str, tmp_path: Path
) -> None:
    fresh, updated = tmp_path / "fresh", tmp_path / "updated"
    for place in (fresh, updated):
        place.mkdir()
        (place / "a").write_text("same")
    assert violations(updated, fresh) == []
    change(updated)

    assert found in violations(updated, fresh)
