"""Texts of the template and its projects contain no word of the list."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from extensions.questions import ROOT

DATA = Path(__file__).parents[1] / "data" / "words.yml"
LISTS = yaml.safe_load(DATA.read_text(encoding="utf-8"))
WORDS = [word for words in LISTS["words"] for word in words.split(", ")]
# A space may be the end of a line, and the next line may begin a comment.
PATTERN = re.compile(
    rf"\b(?:{'|'.join(WORDS)})\b".replace(" ", r"\s+(?:#:?\s+)?"), re.IGNORECASE
)
HIGHEST_RATE = 3 / 10_000
# Not in these areas: decisions and old releases, which are history; the documents of
# the standard, which others wrote; lists of names; the examples of this test.
EXCLUDED = (
    "docs/decisions/",
    "template/standards/backend-standards.md",
    "template/standards/style-guide.md",
    "includes/reserved.jinja",
    "tests/template/test_words.py",
)
AREAS = {
    "documents": ("*.md", "docs/**/*.md", "includes/*.md"),
    "questions": ("copier.yml", "questions/*", "features/*", "presets/*")
    + ("includes/*.jinja", "includes/*.yml"),
    "alternatives": ("alternatives/**/*",),
    "extensions": ("extensions/*",),
    "fleet and adopt": ("extensions/*/*",),
    "tests": ("tests/*.py", "tests/*/*.py", "tests/*/*/*.py"),
    "upkeep": ("upkeep/**/*", "template/upkeep/**/*", "template/upkeep.py"),
    "pipelines": ("Makefile", ".github/**/*", ".ci/*", ".pre-commit-config.yaml"),
    "project: app": ("template/app/**/*", "template/alembic/**/*"),
    "project: tests": ("template/tests/**/*", "tests/data/project_tests/**/*"),
    "project: standards": ("template/standards/**/*",),
    "project: documents": ("template/*.md*", "template/docs/**/*"),
    "project: files": ("template/*", "template/.*", "template/kubernetes/**/*")
    + ("template/.github/**/*", "template/.gitlab/**/*", "template/.devcontainer/*"),
}


def texts(area: str) -> Iterator[tuple[str, str]]:
    """Yield the files of an area, with their texts."""
    paths = {path for pattern in AREAS[area] for path in ROOT.glob(pattern)}
    for path in sorted(paths):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and not name.startswith(EXCLUDED) and path.suffix != ".pyc":
            text = path.read_text(encoding="utf-8")
            yield name, unreleased(text) if name == "CHANGELOG.md" else text


def unreleased(changelog: str) -> str:
    """Return the part of a changelog before the heading of the last release."""
    return re.split(r"(?m)^## \[?\d", changelog)[0]


def findings(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines with a word of the list, and where they are."""
    lines = text.splitlines()
    for match in PATTERN.finditer(text):
        number = text.count("\n", 0, match.start())
        yield f"{name}:{number + 1}: {match.group()}", lines[number]


def is_allowed(finding: str, line: str) -> bool:
    """Return whether the list of exceptions has the line."""
    file = finding.partition(":")[0]
    return any(it["file"] == file and it["line"] in line for it in LISTS["allowed"])


@pytest.mark.parametrize("area", AREAS)
def test_no_text_contains_a_word_of_the_list(area: str) -> None:
    found = [
        finding
        for name, text in texts(area)
        for finding, line in findings(name, text)
        if not is_allowed(finding, line)
    ]

    assert found == []


def test_exceptions_are_rare_and_needed() -> None:
    files = [file for area in AREAS for file in texts(area)]
    found = {it for name, text in files for it in findings(name, text)}
    words = sum(len(re.findall(r"[A-Za-z']+", text)) for _, text in files)
    unused = [
        it
        for it in LISTS["allowed"]
        if not any(f.startswith(it["file"]) and it["line"] in line for f, line in found)
    ]

    assert unused == []
    assert len([it for it in found if is_allowed(*it)]) < words * HIGHEST_RATE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nobody calls it.", "a.py:1: Nobody"),
        ("# It stops by\n# itself.", "a.py:1: by\n# itself"),
        ("x\nThe log says so.", "a.py:2: says"),
    ],
)
def test_planted_word_is_found(text: str, found: str) -> None:
    assert [finding for finding, _ in findings("a.py", text)] == [found]


def test_text_without_such_words_passes() -> None:
    assert [*findings("a.py", "The handler essays a standstill momentarily.")] == []
