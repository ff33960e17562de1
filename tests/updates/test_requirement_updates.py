"""`make update` merges versions that a project and a release both raised."""

import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from extensions.rendering import render
from tests.support.commands import commit, run, succeed
from tests.support.edits import dependencies
from tests.support.fixture_types import Copy
from tests.support.release_history import MARKS, adopt, update
from tests.support.sample_releases import (
    FIRST,
    MERGE,
    SECOND,
    release_twice,
    substitute,
    two_releases,
    upkeep,
)
from tests.support.shared_cache import SharedCache

PYPROJECT = "pyproject.toml"
WORKFLOW = ".github/workflows/ci.yaml"
CHECKOUT = r"(?<=uses: actions/checkout@).*"
# The changes of the release, and those of the project before.
RELEASE = {
    '"fastapi>=.*"': '"fastapi>=0.170,<1"',
    '"uvicorn.*"': '"uvicorn[standard]>=0.60,<1"',
    ' *"pyjwt.*\n': "",
    '(?= *"httpx2)': '    "fakeredis>=3,<4",\n',
    '"black==.*"': '"black==27.1.0"',
    '"py-spy.*"': '"py-spy>=0.5,<1"',
    "fail_under = 90": "fail_under = 91",
}
PROJECT = {
    '"fastapi>=.*",': '"fastapi[standard]>=0.180,<1",  # their fix of the uploads',
    '"uvicorn.*"': '"uvicorn[standard]>=0.55,<0.56"',
    '"black==.*"': '"black==26.12.0"',
    ' *"py-spy.*\n': "",
}
MERGED = {
    "fastapi": "fastapi[standard]>=0.180,<1",
    "uvicorn": "uvicorn[standard]>=0.60,<1",
    "pyjwt": None,
    "fakeredis": "fakeredis>=3,<4",
    "black": "black==27.1.0",
    "py-spy": None,
}

COMPILER = """
from pathlib import Path

def cli(arguments, standalone_mode):
    print(*arguments)
    Path(arguments[arguments.index("--output-file") + 1]).touch()
"""
REPOSITORY = """
class PyPIRepository:
    _get_file_hash = None
"""


def write_news(place: Path) -> None:
    """Write the changes of the second release."""
    for pattern, words in RELEASE.items():
        substitute(place / f"template/{PYPROJECT}.jinja", pattern, words)
    substitute(place / f"template/{WORKFLOW}.jinja", CHECKOUT, "b" * 40 + " # v8.0.0")


def make_releases(place: Path, source: Path) -> None:
    """Create a small template whose second release changes versions."""
    two_releases(place, source)
    succeed(["git", "tag", "--delete", SECOND], place)
    succeed(["git", "reset", "--hard", "--quiet", FIRST], place)
    succeed(["git", "tag", "--delete", FIRST], place)
    release_twice(place, write_news)


def make_service(
    shared_cache: SharedCache, source: Path, place: Path, manager: str
) -> Path:
    """Create a project of the first release that raised versions itself."""
    template = shared_cache.once(
        "version-releases", lambda it: make_releases(it, source)
    )
    answers = {"package_manager": manager}
    service = adopt(render(place, answers, source=template, ref=FIRST))
    for pattern, words in PROJECT.items():
        substitute(service / PYPROJECT, pattern, words)
    substitute(service / WORKFLOW, CHECKOUT, "a" * 40 + " # v7.9.0")
    for edit in dependencies.EDITS[manager]:
        edit.apply(service)
    commit(service, "Raise versions")
    return service


def requirements(service: Path) -> dict[str, str]:
    """Map the name of each requirement of a project to its line."""
    content = tomllib.loads((service / PYPROJECT).read_text(encoding="utf-8"))
    listed = content["project"]["dependencies"] + content["dependency-groups"]["dev"]
    return {re.match(r"[\w-]+", it)[0]: it for it in listed}  # type: ignore[index]


@pytest.mark.parametrize("manager", ["uv", "poetry", "pip"])
def test_update_merges_versions_without_a_conflict(
    manager: str, shared_cache: SharedCache, source: Path, tmp_path: Path
) -> None:
    service = make_service(shared_cache, source, tmp_path / "service", manager)
    own = requirements(service)
    done = upkeep(service, *MERGE)
    found = requirements(service)

    assert (done.returncode, done.stderr) == (0, "")
    assert {name: found.get(name) for name in MERGED} == MERGED
    assert {it: found[it] for it in ("click", "freezegun")} == {
        it: own[it] for it in ("click", "freezegun")
    }
    assert "# their fix of the uploads" in (service / PYPROJECT).read_text("utf-8")
    assert "b" * 40 + " # v8.0.0" in (service / WORKFLOW).read_text("utf-8")
    assert not succeed(["git", "ls-files", "--unmerged"], service)


def test_the_same_update_by_copier_alone_has_conflicts(
    shared_cache: SharedCache, source: Path, tmp_path: Path
) -> None:
    """Without the merge by meaning the test above would find conflicts."""
    service = make_service(shared_cache, source, tmp_path / "service", "uv")
    update(service, to=SECOND)

    for name in (PYPROJECT, WORKFLOW):
        assert all(mark in (service / name).read_bytes() for mark in MARKS)


def test_other_conflict_in_the_file_stays(
    shared_cache: SharedCache, source: Path, tmp_path: Path
) -> None:
    service = make_service(shared_cache, source, tmp_path / "service", "uv")
    substitute(service / PYPROJECT, "fail_under = 90", "fail_under = 95")
    commit(service, "Cover more")
    done = upkeep(service, *MERGE)
    text = (service / PYPROJECT).read_text(encoding="utf-8")

    assert done.returncode == 2
    assert re.findall("(?m)^[<>]{7} .*", text) == [mark.decode() for mark in MARKS]
    assert all(words in text for words in ('"black==27.1.0"', "= 95", "= 91"))


def test_raised_requirements_are_no_drift(
    shared_cache: SharedCache, source: Path, tmp_path: Path
) -> None:
    service = make_service(shared_cache, source, tmp_path / "service", "uv")
    healed = upkeep(service, "drift", "--heal", PYPROJECT)

    assert f"changed  {PYPROJECT}" not in healed.stdout
    assert f"changed  {WORKFLOW}" in healed.stdout
    assert not succeed(["git", "diff", "--", PYPROJECT], service)


def test_compiled_lock_is_raised_for_one_package(copy: Copy, tmp_path: Path) -> None:
    """A fake pip-tools prints its arguments."""
    service = copy(tmp_path / "service", {"package_manager": "pip"})
    compiler = tmp_path / "piptools/scripts/compile.py"
    compiler.parent.mkdir(parents=True)
    compiler.write_text(COMPILER, encoding="utf-8")
    (tmp_path / "piptools/repositories.py").write_text(REPOSITORY, encoding="utf-8")
    shutil.copy(service / "pyproject.toml", tmp_path)
    command = [
        sys.executable,
        str(service / "lock.py"),
        "--upgrade-package",
        "starlette",
    ]
    printed = run(command, tmp_path, {"PYTHONPATH": "."}).stdout
    first, second = printed.splitlines()

    assert "requirements-dev.txt --upgrade-package starlette pyproject.toml" in first
    assert "requirements.txt pyproject.toml" in second
