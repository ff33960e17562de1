"""`make drift` lists what differs from the template, and restores it."""

import json
from pathlib import Path

import pytest

from tests.support import sample_releases
from tests.support.commands import append, commit
from tests.support.sample_releases import GONE, LONGER, REWORDED, substitute, upkeep
from tests.support.shared_cache import SharedCache

SHARED = "app/main.py"
OWN = "    app.state.mine = True\n"
ALLOWED = "\n[tool.plumbline.drift]\n"


@pytest.fixture
def service(shared_cache: SharedCache, source: Path, tmp_path: Path) -> Path:
    """Create a project with its own line in a shared file, and files of its own."""
    service = sample_releases.service(shared_cache, source, tmp_path / "service")
    append(service / SHARED, OWN)
    substitute(service / "pyproject.toml", 'version = "0.1.0"', 'version = "0.7.0"')
    append(service / "CHANGELOG.md", "- Ours.\n")
    (service / "app/ours.py").touch()
    commit(service)
    return service


def test_user_owned_lines_are_no_deviation(service: Path) -> None:
    found = upkeep(service, "drift")

    assert found.returncode == 0
    assert found.stdout == "Beside v0.0.1: 0 deviations, 0 allowed\n"


def test_deviations_are_listed_allowed_and_healed(service: Path) -> None:
    before = (service / SHARED).read_text(encoding="utf-8")
    append(service / LONGER, "# Ours.\n")
    (service / GONE).unlink()
    substitute(service / SHARED, "def extend", "def stretch")
    (service / REWORDED).write_text("", encoding="utf-8")
    append(service / "pyproject.toml", f'{ALLOWED}"{REWORDED}" = "another way"\n')
    early = upkeep(service, "drift", "--heal", LONGER)
    commit(service)
    found = upkeep(service, "drift", "--json")
    states = {
        one["path"]: (one["owner"], one["state"], one["reason"])
        for one in json.loads(found.stdout)["deviations"]
    }
    heal = [word for path in (LONGER, GONE, SHARED) for word in ("--heal", path)]
    healed = upkeep(service, "drift", *heal)

    assert (early.returncode, found.returncode, healed.returncode) == (1, 1, 0)
    assert "not committed" in early.stderr
    assert states == {
        GONE: ("generated", "missing", ""),
        LONGER: ("generated", "changed", ""),
        REWORDED: ("generated", "changed", "another way"),
        SHARED: ("shared", "changed", ""),
    }
    assert (service / SHARED).read_text(encoding="utf-8") == before
    assert "0 deviations, 1 allowed" in healed.stdout


def test_line_ends_that_git_does_not_store_are_no_deviation(service: Path) -> None:
    for path in (LONGER, SHARED):
        text = (service / path).read_bytes().replace(b"\n", b"\r\n")
        (service / path).write_bytes(text)
    ignored = upkeep(service, "drift")
    (service / ".gitattributes").unlink()
    stored = upkeep(service, "drift")

    assert ignored.returncode == 0
    assert f"changed  {LONGER}" in stored.stdout


def test_deleted_file_is_healed_for_every_spelling_of_its_path(service: Path) -> None:
    before = [(service / path).read_bytes() for path in (LONGER, SHARED)]
    (service / LONGER).unlink()
    (service / SHARED).unlink()
    healed = upkeep(service, "drift", "--heal", f"./{LONGER}", "--heal", SHARED)

    assert healed.returncode == 0
    assert [(service / path).read_bytes() for path in (LONGER, SHARED)] == before


@pytest.mark.parametrize(
    ("path", "words"),
    [("CHANGELOG.md", "not the template's"), ("app/ours.py", "not the template's")],
)
def test_file_of_the_project_is_not_healed(
    path: str, words: str, service: Path
) -> None:
    refused = upkeep(service, "drift", "--heal", path)

    assert refused.returncode == 1
    assert words in refused.stderr


def test_invalid_allowed_drift_is_refused_in_one_line(service: Path) -> None:
    append(service / "pyproject.toml", f"{ALLOWED}a = 1\n")
    refused = upkeep(service, "drift")

    assert refused.returncode == 1
    problem = 'pyproject.toml: tool.plumbline.drift."a" has no reason'
    assert refused.stderr == f"drift: {problem}\n"
