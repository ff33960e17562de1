"""`make fleet` visits twelve repositories, each with a different problem."""

from pathlib import Path
from typing import Any

import pytest

from extensions.fleet.listing import Repository
from extensions.fleet.plan import BRANCH, parse
from extensions.fleet.template import Releases
from extensions.fleet.visit import visit
from tests.support.commands import succeed
from tests.support.fleet import (
    ADDED,
    GENERATED,
    OLD,
    Repositories,
    report,
    small,
    visit_all,
)
from tests.support.release_history import NEXT, Tree, history, tree
from tests.support.shared_cache import SharedCache

# The real releases take minutes, and show the same as the small ones.
WHOLE = pytest.param("history", marks=pytest.mark.nightly)
STATES = {
    "clean": "current",
    "behind": "updated",
    "edited": "updated",
    "conflicting": "conflicts",
    "dirty": "current",
    "red": "red",
    "nothing": "failed",
    "unreachable": "failed",
    "trunk": "current",
    "shop": "updated",
    "lost": "failed",
    "unknown": "failed",
    "drifted": "current",
}


def sources(place: Path) -> dict[str, Tree]:
    """Read the work trees of all repositories."""
    return {one.name: tree(one) for one in place.iterdir() if (one / ".git").exists()}


def create_and_visit(template: Path, place: Path) -> None:
    """Create the repositories, visit them, and check that the visit changed none."""
    Repositories(template, place).build_all()
    before = sources(place)
    code = visit_all(place)
    (place / "code").write_text(str(code), encoding="utf-8")
    assert sources(place) == before


@pytest.fixture(scope="session", params=["small", WHOLE])
def place(request: pytest.FixtureRequest, shared_cache: SharedCache) -> Path:
    """Return the folder of the visited repositories, to be read only."""
    name = str(request.param)
    make = {"small": small, "history": history}[name]
    template = shared_cache.once(name, make)
    return shared_cache.once(
        f"fleet-of-{name}", lambda place: create_and_visit(template, place)
    )


@pytest.fixture(scope="session")
def results(place: Path) -> dict[str, dict[str, Any]]:
    """Return the report of each repository."""
    return report(place)


def test_each_problem_has_its_state_and_stops_no_other_visit(
    results: dict[str, dict[str, Any]], place: Path
) -> None:
    assert {name: one["state"] for name, one in results.items()} == STATES
    assert (place / "code").read_text(encoding="utf-8") == "1"


def test_update_is_one_commit_on_a_branch_with_the_edits_of_users(
    results: dict[str, dict[str, Any]], place: Path
) -> None:
    clone = place / "work" / results["edited"]["name"] / "clone"

    assert (results["edited"]["before"], results["edited"]["after"]) == (OLD, NEXT)
    assert results["edited"]["branch"] == BRANCH
    assert succeed(["git", "status", "--porcelain"], clone) == ""
    assert succeed(["git", "rev-list", "--count", "main..HEAD"], clone).strip() == "1"
    assert "@echo ours" in (clone / "Makefile").read_text(encoding="utf-8")
    assert (clone / "app/ours.py").exists() and (clone / ADDED).exists()


def test_conflicts_are_found_although_copier_exits_with_0(
    results: dict[str, dict[str, Any]],
) -> None:
    assert results["conflicting"]["conflicts"] == ["Makefile"]
    assert results["conflicting"]["gates"] == "not run"


def test_uncommitted_changes_are_noted(
    results: dict[str, dict[str, Any]],
) -> None:
    assert "not committed" in results["dirty"]["note"]


def test_failing_gates_name_the_broken_rules(
    results: dict[str, dict[str, Any]],
) -> None:
    assert results["red"]["rules"] == ["DOC-01"]
    assert "exit code 1" in results["red"]["note"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nothing", "no project of this template"),
        ("unreachable", "does not exist"),
        ("lost", "git checkout"),
        ("unknown", "v0.0.9"),
    ],
)
def test_failure_has_its_reason_in_one_line(
    name: str, reason: str, results: dict[str, dict[str, Any]]
) -> None:
    assert reason in results[name]["note"]
    assert "\n" not in results[name]["note"]


def test_advice_for_a_missing_answers_file_restores_it(
    results: dict[str, dict[str, Any]], place: Path, tmp_path: Path
) -> None:
    succeed(["git", "clone", "--quiet", place / "lost", tmp_path / "lost"], tmp_path)
    advice = results["lost"]["note"].partition(": ")[2]
    succeed(advice.split(), tmp_path / "lost")

    assert (tmp_path / "lost" / ".copier-answers.yml").exists()


def test_drift_is_an_edit_above_the_markers(
    results: dict[str, dict[str, Any]],
) -> None:
    assert results["clean"]["drift"] == results["edited"]["drift"] == []
    assert GENERATED in results["drifted"]["drift"]


def test_project_in_a_subfolder_is_updated_on_its_own_branch(
    results: dict[str, dict[str, Any]], place: Path
) -> None:
    clone = place / "work" / results["shop"]["name"] / "clone"
    changed = succeed(["git", "diff", "--name-only", "main", "HEAD"], clone).split()

    assert results["shop"]["branch"] == f"{BRANCH}-services-shop"
    assert changed and all(name.startswith("services/shop/") for name in changed)


def test_table_shows_every_repository(
    results: dict[str, dict[str, Any]], place: Path
) -> None:
    printed = (place / "printed.txt").read_text(encoding="utf-8")

    assert all(one["name"] in printed for one in results.values())
    assert "13 repositories: 4 failed, 1 conflicts, 1 red, 3 updated" in printed


@pytest.mark.nightly
def test_updated_project_passes_its_own_gates(
    shared_cache: SharedCache, tmp_path: Path
) -> None:
    repositories = Repositories(
        shared_cache.once("history", history), tmp_path / "repositories"
    )
    behind = str(repositories.build("behind", repositories.old))
    plan = parse(["list", f"--work={tmp_path / 'work'}"])
    result = visit(Repository(behind), plan, Releases())
    clone = tmp_path / "work" / result.name / "clone"
    changed = succeed(["git", "diff", "--name-only", "main", "HEAD"], clone).split()

    assert (result.state, result.gates, result.note) == ("updated", "pass", "")
    assert "uv.lock" in changed
