"""Many repositories: versions, disk, the trend, and variables of gates."""

import json
import os
import time
from pathlib import Path

import pytest

from extensions.fleet import source, versions
from extensions.fleet.listing import Repository
from extensions.fleet.session import Steps
from tests.support.commands import append, commit, succeed
from tests.support.fleet import Fleet

MEGABYTE = 1024 * 1024
MANY, MOST_SECONDS = 200, 60


def size(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(it.lstat().st_size for it in folder.rglob("*") if not it.is_symlink())


def test_versions_are_read_without_a_visit(fleet: Fleet) -> None:
    fleet.add("shop")
    fleet.add("mail", new=True)
    done = fleet.run("--versions")
    states = {name: one["state"] for name, one in fleet.results().items()}

    assert done.returncode == 1
    assert states == {"shop": "behind", "mail": "current"}
    assert not [*fleet.work.glob("*/clone")]
    assert "gates: pass" not in fleet.page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("release", "behind"),
    [
        ("v0.4.2", True),
        ("v0.5.0", False),
        ("v0.5.0-3-gabc1234", False),
        ("v0.5.0rc1", True),
        ("abc1234", True),
    ],
)
def test_release_is_compared_with_the_newest(release: str, behind: bool) -> None:
    assert versions.is_behind(release, "v0.5.0") is behind
    assert not versions.is_behind(release, "")


@pytest.mark.nightly
def test_versions_of_two_hundred_repositories_take_seconds(fleet: Fleet) -> None:
    fleet.add(*(f"shop{number}" for number in range(MANY)))
    start = time.monotonic()
    fleet.run("--versions")

    assert time.monotonic() - start < MOST_SECONDS
    assert len(fleet.results()) == MANY


def test_environments_of_gates_are_removed_after_a_visit(fleet: Fleet) -> None:
    fleet.add("shop")
    (fleet.place / "shop/.gitignore").write_text(".venv\n", encoding="utf-8")
    commit(fleet.place / "shop")
    large = "mkdir .venv && dd if=/dev/zero of=.venv/large bs=1M count=40 status=none"
    fleet.run(f"--gates={large}")

    assert fleet.results()["shop"]["state"] == "updated"
    assert size(fleet.work) < MEGABYTE


def test_each_run_adds_a_line_to_the_trend(fleet: Fleet) -> None:
    fleet.add("shop", new=True)
    fleet.run()
    fleet.run("--versions")
    lines = (fleet.work / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    numbers = [json.loads(line) for line in lines]

    assert [one["kind"] for one in numbers] == ["visits", "versions"]
    assert numbers[0]["states"] == {"current": 1} and "pass" in numbers[0]["gates"]
    page = fleet.page.read_text(encoding="utf-8")
    assert all(one["began"] in page for one in numbers)


def test_line_that_an_interruption_has_cut_is_left_out(fleet: Fleet) -> None:
    fleet.add("shop", new=True)
    fleet.work.mkdir()
    (fleet.work / "runs.jsonl").write_text('{"began": "20', encoding="utf-8")

    assert fleet.run("--versions").returncode == 0
    assert fleet.run("--report").returncode == 1
    assert fleet.results()["shop"]["state"] == "waiting"


def test_named_variable_reaches_the_gates_and_no_file(fleet: Fleet) -> None:
    fleet.add("shop", new=True)
    asked = ("--gates=echo $INDEX_TOKEN $OTHER_TOKEN; exit 1", "--env=INDEX_TOKEN")
    names, values = ("INDEX_TOKEN", "OTHER_TOKEN"), ("hushhush", "unnamed")
    done = fleet.run(*asked, **dict(zip(names, values, strict=True)))

    assert fleet.results()["shop"]["note"].endswith(": ***")
    texts = [it.read_text("utf-8") for it in fleet.place.glob("work/*/*.*")]
    texts += [done.stdout, fleet.page.read_text("utf-8")]
    assert not [it for it in texts if any(value in it for value in values)]


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Return a repository that can leave out blobs, with a large file in its past."""
    place = tmp_path / "remote"
    succeed(["git", "init", "--quiet", place], tmp_path)
    succeed(["git", "config", "uploadpack.allowFilter", "true"], place)
    succeed(["git", "config", "uploadpack.allowAnySHA1InWant", "true"], place)
    (place / "large").write_bytes(os.urandom(5 * MEGABYTE))
    commit(place)
    (place / "large").write_text("small\n", encoding="utf-8")
    commit(place)
    return place


def test_clone_of_a_remote_repository_has_no_old_blobs_and_a_refresh_is_whole(
    remote: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    commands = Steps(tmp_path / "log.txt", 60)
    repository = Repository(f"file://{remote}", folder="x")
    clone = work / "clone"

    def visit() -> str:
        new = source.tip(repository, work, commands)
        source.clone(repository, new, work, clone, commands)
        return (clone / "large").read_text(encoding="utf-8")

    assert visit() == "small\n"
    assert size(work) < MEGABYTE
    # A fetch that was killed leaves its lock.
    [store] = (work / "objects").iterdir()
    (store / "packed-refs.lock").touch()
    (store / "refs/heads/main.lock").touch()
    append(remote / "large", "more\n")
    commit(remote)
    assert visit() == "small\nmore\n"
    assert succeed(["git", "log", "--oneline"], clone).count("\n") == 3


def test_entries_of_one_repository_share_its_objects(
    remote: Path, tmp_path: Path
) -> None:
    commands = Steps(tmp_path / "log.txt", 60)
    for folder in ("a", "b"):
        repository = Repository(f"file://{remote}", folder=folder)
        new = source.tip(repository, tmp_path, commands)
        source.clone(repository, new, tmp_path, tmp_path / folder, commands)

    [store] = (tmp_path / "objects").iterdir()
    for folder in ("a", "b"):
        shared = tmp_path / folder / ".git/objects/info/alternates"
        assert shared.read_text(encoding="utf-8").strip() == str(store / "objects")
