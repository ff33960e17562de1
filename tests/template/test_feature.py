"""`make feature` writes a feature that renders and passes the template's own tests."""

import shutil
from pathlib import Path

import pytest

from extensions import feature
from extensions.questions import ROOT, questions
from extensions.refusals import RefusalError
from extensions.rendering import render
from tests.support.commands import succeed
from tests.support.fixture_types import Run

# Tests that fail when an entry of a new feature is missing or wrong.
CONCERNED = (
    "sample or readme or asked or default or contract or manifest or gone or keeps"
)
CHANGED = (*feature.ENTRIES, "features/sample.yml", "template/docs/sample.md")


@pytest.fixture
def clone(source: Path, tmp_path: Path) -> Path:
    """Clone the template, with the installed tools."""
    succeed(["git", "clone", "--quiet", source, "clone"], tmp_path)
    (tmp_path / "clone" / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path / "clone"


def changed(clone: Path) -> list[str]:
    """List the files that differ from the last commit."""
    output = succeed(["git", "status", "--porcelain", "--untracked-files=all"], clone)
    return sorted(line[3:] for line in output.splitlines())


def test_new_feature_is_rendered_when_its_answer_is_yes(
    clone: Path, tmp_path: Path
) -> None:
    feature.start("sample", clone)
    without = render(tmp_path / "without", source=clone)
    project = render(tmp_path / "with", {"sample": True}, source=clone)

    assert changed(clone) == sorted(CHANGED)
    assert [*questions(clone)][: [*questions(clone)].index("ci")][-1] == "sample"
    assert not (without / "docs/sample.md").exists()
    assert (project / "docs/sample.md").read_text("utf-8").startswith("# Sample\n")


def test_new_feature_passes_the_checks_and_the_tests_of_features(
    clone: Path, run: Run
) -> None:
    made = run(["make", "--assume-old=pyproject.toml", "feature", "NAME=sample"], clone)
    succeed(["git", "add", "--all"], clone)
    names = ("documents", "features", "questions", "rules", "sources")
    tests = [f"tests/template/test_{name}.py" for name in names]

    assert made.returncode == 0
    assert "features/sample.yml" in made.stdout and "Left to do" in made.stdout
    check = ["make", "--assume-old=pyproject.toml", "check"]
    assert run(check, clone).returncode == 0
    assert (
        run([".venv/bin/pytest", "-q", "-k", CONCERNED, *tests], clone).returncode == 0
    )


def test_name_of_several_words_is_a_phrase(clone: Path) -> None:
    feature.start("status_pages", clone)
    words = (clone / "tests/data/feature_words.yml").read_text(encoding="utf-8")

    assert (clone / "template/docs/status-pages.md").exists()
    assert "files: [status-pages.md]\n  words: []\n  phrases: [status_pages]\n" in words


def test_changelog_gets_its_sections_after_a_release(clone: Path) -> None:
    changelog = clone / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## Unreleased", "## 0.9.9"), encoding="utf-8")
    feature.start("sample", clone)
    new, _, _ = changelog.read_text(encoding="utf-8").partition("## 0.9.9")

    assert "### What is new\n\n- A new question, `sample`" in new
    assert "### Before you deploy\n\n- Nothing.\n" in new


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "can not name a question"),
        ("My Cache", "can not name a question"),
        ("../x", "can not name a question"),
        ("class", "can not name a question"),
        ("auth", "auth exists already"),
        ("orm", "orm exists already"),
        ("postgresql", "postgresql exists already"),
    ],
)
def test_invalid_feature_name_is_refused_in_one_line(
    name: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feature.main(name) == feature.USAGE_ERROR
    captured = capsys.readouterr()
    [line] = captured.err.splitlines()

    assert line.startswith("make feature: ") and reason in line
    assert captured.out == ""


def test_feature_writes_nothing_if_a_list_has_no_place_for_it(clone: Path) -> None:
    shutil.copy(clone / "LICENSE", clone / "README.md")
    succeed(["git", "commit", "--quiet", "--all", "--message", "Another README"], clone)

    with pytest.raises(RefusalError, match="README.md has no place"):
        feature.start("sample", clone)
    assert changed(clone) == []
