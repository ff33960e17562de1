"""Releases are recognised, and `make diff` shows the changes since one."""

import os
import sys
from pathlib import Path

import pytest
import yaml

from extensions.compare import resolve
from extensions.notes import notes
from extensions.questions import ROOT
from extensions.release import git, releases, untagged
from extensions.rendering import presets
from tests.support.commands import append, commit, succeed
from tests.support.fixture_types import Run
from tests.support.matrix import whole

# A file of projects with users.
CHANGED = "template/app/services/users.py"


def release(repository: Path, version: str) -> str:
    """Commit a version, and return the commit."""
    settings = repository / "pyproject.toml"
    text = f'[project]\nname = "x"\nversion = "{version}"\n'
    settings.write_text(text, encoding="utf-8")
    commit(repository, f"Release {version}")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def template(source: Path, tmp_path: Path) -> Path:
    """Clone the template with its history."""
    succeed(["git", "clone", "--quiet", source, "template"], tmp_path)
    return tmp_path / "template"


def test_release_is_the_commit_that_changes_the_version(tmp_path: Path) -> None:
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
def test_release_is_found_by_its_tag_or_its_commit(name: str, tmp_path: Path) -> None:
    succeed(["git", "init", "--quiet"], tmp_path)
    tagged = release(tmp_path, "0.0.1")
    succeed(["git", "tag", "v0.0.1"], tmp_path)
    newest = release(tmp_path, "0.0.2")

    assert resolve(tmp_path, name) == (tagged if "1" in name else newest)


def test_make_diff_shows_the_changes_of_each_preset(template: Path, run: Run) -> None:
    append(template / CHANGED, "# Not committed yet.\n")
    shown = run([sys.executable, "-m", "extensions.compare", "HEAD"], template)
    concerned = [name for name, answers in presets().items() if whole(answers)["auth"]]

    assert shown.returncode == 0
    assert shown.stdout.count("+# Not committed yet.\n") == len(concerned)
    assert shown.stdout.count("no difference") == len(presets()) - len(concerned) > 0
    assert "# minimal" in shown.stdout and "# standard" in shown.stdout
    assert "_commit" not in shown.stdout


@pytest.mark.parametrize("since", ["", "v9.9.9", "--all"])
def test_make_diff_refuses_an_unknown_release(since: str, run: Run) -> None:
    refused = run(["make", "-o", "pyproject.toml", "diff", f"FROM={since}"], ROOT)

    assert refused.returncode == 2
    assert "FROM=<tag" in refused.stderr.splitlines()[0]


@pytest.fixture
def released(template: Path) -> Path:
    """Return a template whose last commit is a release."""
    changelog = template / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    text = text.replace("## ", "## 9.0.0 (2030-01-01)\n\n- Everything.\n\n## ", 1)
    changelog.write_text(text, encoding="utf-8")
    release(template, "9.0.0")
    return template


def test_notes_are_the_section_of_a_release_in_the_changelog(released: Path) -> None:
    assert notes(released, "v9.0.0") == "- Everything.\n"
    with pytest.raises(SystemExit, match="CHANGELOG.md has no section for 9.9.9"):
        notes(released, "v9.9.9")


def test_workflow_tags_and_publishes_new_releases(
    released: Path, tmp_path: Path, run: Run
) -> None:
    origin, programs = tmp_path / "origin.git", tmp_path / "programs"
    succeed(["git", "init", "--quiet", "--bare", origin], tmp_path)
    programs.mkdir()
    (programs / "python").symlink_to(sys.executable)
    (programs / "gh").write_text(f'#!/bin/sh\necho "$3"; cat "$8" > {tmp_path}/notes\n')
    (programs / "gh").chmod(0o700)
    workflow = (ROOT / ".github/workflows/release.yaml").read_text(encoding="utf-8")
    script = yaml.safe_load(workflow)["jobs"]["tag"]["steps"][-1]["run"]
    variables = {
        "GH_TOKEN": "t",  # nosec B105
        "GITHUB_REPOSITORY": "example/plumbline",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{origin}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://x-access-token:t@github.com/example/plumbline",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    completed = run(["bash", "-eo", "pipefail", "-c", script], released, variables)

    assert completed.returncode == 0
    assert completed.stdout.split()[-1] == "v9.0.0"
    assert "v9.0.0" in succeed(["git", "tag"], origin).split()
    assert (tmp_path / "notes").read_text(encoding="utf-8") == "- Everything.\n"
