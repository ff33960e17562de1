"""Waves, shards, and the limit of open requests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from extensions.fleet import run as runs
from extensions.fleet.listing import REST, Repository
from extensions.fleet.plan import BRANCH, Plan, parse
from extensions.fleet.result import Result
from extensions.fleet.run import Run, known
from extensions.fleet.template import Releases
from tests.support.commands import append, commit, succeed

# Prints the state of a request that a test has written, or fails as the real one does.
GH = """\
#!/bin/sh
test "$1 $2" = "pr view" || exit 2
cat "$HOME/$(basename "$(git remote get-url origin)")" 2> /dev/null || {
    echo "no pull requests found for branch \\"$3\\"" >&2; exit 1; }
"""
REQUESTS = 'gh pr view "$FLEET_BRANCH" --json state --jq .state || true'


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace visits: each pushes nothing, and is red for the repository `red`."""
    names: list[str] = []

    def visit(repository: Repository, plan: Plan, _: Releases) -> Result:
        name = Path(repository.url).name
        names.append(name)
        result = Result(repository.name, repository.url, wave=repository.wave)
        result.state = "red" if name == "red" else "updated"
        result.gates = "fail" if name == "red" else "pass"
        result.branch, result.now, result.compared = BRANCH, True, True
        return result

    monkeypatch.setattr(runs, "visit", visit)
    return names


def go(plan: Plan, *urls: str) -> Run:
    """Run the fleet over these repositories."""
    chosen = plan.chosen([Repository(url) for url in urls])
    plan.work.mkdir(exist_ok=True)
    run = Run(plan, {one: known(one, plan) for one in chosen})
    run.go()
    return run


def options(place: Path, *words: str) -> Plan:
    """Return the options of a run that works in this folder."""
    return parse(["list", f"--work={place / 'work'}", *words])


def test_shards_are_all_repositories_once() -> None:
    every = [Repository(f"/{number}") for number in range(10)]
    parts = [parse(["list", f"--shard={it}/3"]).chosen(every) for it in (1, 2, 3)]

    assert sorted(map(len, parts)) == [3, 3, 4]
    assert {one for part in parts for one in part} == {*every}


def test_rest_is_visited_only_if_the_canary_is_green(
    visited: list[str], tmp_path: Path
) -> None:
    run = go(options(tmp_path, "--canary=1"), "/red", "/shop")
    assert visited == ["red"]
    [shop] = [one for one in run.current() if one.url == "/shop"]
    assert shop.state == "waiting" and shop.note.startswith("waits for wave 1: red-")

    visited.clear()
    go(options(tmp_path, "--canary=1"), "/mail", "/red", "/shop")
    assert visited[0] == "mail" and {*visited} == {"mail", "red", "shop"}


def test_only_one_wave_is_visited_if_asked(visited: list[str], tmp_path: Path) -> None:
    go(options(tmp_path, "--canary=1", "--wave=1"), "/mail", "/shop")
    assert visited == ["mail"]
    go(options(tmp_path, "--canary=1", f"--wave={REST}"), "/mail", "/shop")
    assert visited == ["mail", "shop"]


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put a program `gh` on PATH. Returns the folder of its requests."""
    requests, programs = tmp_path / "requests", tmp_path / "programs"
    requests.mkdir()
    programs.mkdir()
    (programs / "gh").write_text(GH, encoding="utf-8")
    (programs / "gh").chmod(0o755)
    monkeypatch.setenv("HOME", str(requests))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    yield requests


def updated(place: Path, plan: Plan, name: str) -> str:
    """Create a repository, and the clone of a visit with an update on its branch."""
    origin = place / name
    succeed(["git", "init", "--quiet", name], place)
    (origin / "a").touch()
    commit(origin)
    clone = plan.work / Repository(str(origin)).name / "clone"
    succeed(["git", "clone", "--quiet", origin, clone], place)
    succeed(["git", "switch", "--quiet", "-c", BRANCH], clone)
    append(clone / "a", "new\n")
    commit(clone)
    return str(origin)


def test_requests_are_opened_up_to_the_limit_and_go_on_when_one_is_merged(
    visited: list[str], forge: Path, tmp_path: Path
) -> None:
    opens = f'--propose=echo OPEN > {forge}/$(basename "$(git remote get-url origin)")'
    plan = options(tmp_path, "--push", "--open=1", f"--requests={REQUESTS}", opens)
    shop, mail = updated(tmp_path, plan, "shop"), updated(tmp_path, plan, "mail")
    first = {Path(one.url).name: one for one in go(plan, shop, mail).current()}

    assert (first["shop"].request, first["shop"].pushed) == ("open", True)
    assert first["mail"].unpushed == "waits: 1 requests are open"
    (forge / "shop").write_text("MERGED\n", encoding="utf-8")
    second = {Path(one.url).name: one for one in go(plan, shop, mail).current()}
    assert (second["shop"].request, second["mail"].pushed) == ("merged", True)


def test_red_request_of_a_canary_stops_the_rest(
    visited: list[str], forge: Path, tmp_path: Path
) -> None:
    plan = options(tmp_path, "--canary=1", f"--requests={REQUESTS}")
    shop = updated(tmp_path, plan, "shop")
    (forge / "shop").write_text("RED\n", encoding="utf-8")
    go(plan, shop, "/mail")

    assert visited == ["shop"]


def test_error_of_the_forge_is_shown_and_changes_no_state(
    visited: list[str], forge: Path, tmp_path: Path
) -> None:
    plan = options(tmp_path, "--requests=echo HTTP 401: Bad credentials >&2; exit 1")
    shop = updated(tmp_path, plan, "shop")
    [one] = go(plan, shop).current()

    assert (one.state, one.request) == (
        "updated",
        "not known: HTTP 401: Bad credentials",
    )
