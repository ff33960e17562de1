"""What a release is, and what `make diff` says of one."""

import sys
from pathlib import Path

import pytest

from extensions.compare import resolve
from extensions.questions import ROOT
from extensions.release import git, releases, untagged
from extensions.rendering import presets
from tests.house.commands import append, commit, succeed
from tests.house.kinds import Run

CHANGED = "template/app/core/ids.py"


def release(repository: Path, version: str) -> str:
    """Commit a version; give the commit."""
    settings = repository / "pyproject.toml"
    text = f'[project]\nname = "x"\nversion = "{version}"\n'
    settings.write_text(text, encoding="utf-8")
    commit(repository, f"Release {version}")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def template(source: Path, tmp_path: Path) -> Path:
    """Give a template of the test's own, with its history."""
    succeed(["git", "clone", "--quiet", source, "template"], tmp_path)
    return tmp_path / "template"


def test_a_release_is_the_commit_that_changes_the_version(tmp_path: Path) -> None:
    succeed(["git", "init", "--quiet"], tmp_path)
    release(tmp_path, "0.0.0")
    first = release(tmp_path, "0.1.0")
    append(tmp_path / "pyproject.toml", "# Another change.\n")
    commit(tmp_path)
    second = release(tmp_path, "0.2.0")
    succeed(["git", "tag", "v0.1.0", first], tmp_path)

    assert releases(tmp_path) == {"0.1.0": first, "0.2.0": second}
    assert untagged(tmp_path) == {"v0.2.0": second}


@pytest.mark.parametrize("name", ["v0.0.1", "0.0.1", "0.0.2", "v0.0.2", "main"])
def test_a_release_is_found_by_its_tag_or_by_its_commit(
    name: str, tmp_path: Path
) -> None:
    succeed(["git", "init", "--quiet"], tmp_path)
    tagged = release(tmp_path, "0.0.1")
    succeed(["git", "tag", "v0.0.1"], tmp_path)
    newest = release(tmp_path, "0.0.2")

    assert resolve(tmp_path, name) == (tagged if "1" in name else newest)


def test_make_diff_shows_what_each_preset_gains(template: Path, run: Run) -> None:
    append(template / CHANGED, "# Not committed yet.\n")
    shown = run([sys.executable, "-m", "extensions.compare", "HEAD"], template)

    assert shown.returncode == 0
    assert shown.stdout.count("+# Not committed yet.\n") == len(presets())
    assert "# minimal" in shown.stdout and "# standard" in shown.stdout
    assert "_commit" not in shown.stdout


def test_make_diff_says_when_nothing_changed(template: Path, run: Run) -> None:
    shown = run([sys.executable, "-m", "extensions.compare", "HEAD"], template)

    assert shown.stdout.count("no difference") == len(presets())


@pytest.mark.parametrize("since", ["", "v9.9.9", "--all"])
def test_make_diff_refuses_a_release_that_is_none(since: str, run: Run) -> None:
    refused = run(["make", "-o", "pyproject.toml", "diff", f"FROM={since}"], ROOT)

    assert refused.returncode == 2
    assert "FROM=<tag" in refused.stderr.splitlines()[0]
