"""Compatibility rules between releases, for existing projects."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from extensions.migrations import has_same_meaning
from extensions.questions import documents
from extensions.release import UNRELEASED, tree_of, version_of
from upkeep.ownership import markers

# The answers that name a project; their meaning never changes.
IDENTITY = ("project_name", "project_slug", "repository_url")
SECTIONS = ("What is new", "What changes in your project", "Before you deploy")

Details = dict[str, Any]


@dataclass(frozen=True)
class State:
    """The template in the working tree, or at a release."""

    root: Path

    @cached_property
    def questions(self) -> dict[str, Details]:
        """Return the questions by name, without computed values."""
        return {
            name: details
            for document in documents(self.root)
            for name, details in document.items()
            if not name.startswith("_") and details.get("when", True) is not False
        }

    @cached_property
    def files(self) -> dict[str, Path]:
        """Return the template files by their names in a project."""
        template = self.root / "template"
        return {
            path.relative_to(template).as_posix().removesuffix(".jinja"): path
            for path in sorted(template.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }

    @cached_property
    def anchors(self) -> dict[str, set[str]]:
        """Return the marker comments by file."""
        found: dict[str, set[str]] = {}
        chosen = self.root / "alternatives"
        files = {
            path.relative_to(chosen).as_posix(): path
            for path in sorted(chosen.rglob("*"))
            if path.is_file()
        }
        for name, path in {**self.files, **files}.items():
            found[name] = {*markers(path.read_text(encoding="utf-8"))}
        return found

    @cached_property
    def promises(self) -> dict[str, Any]:
        """Return the intended changes of extensions/promises.yml."""
        text = (self.root / "extensions" / "promises.yml").read_text(encoding="utf-8")
        return dict(yaml.safe_load(text))


def questions_keep(old: State, new: State) -> Iterator[str]:
    """A question is kept, with its type and all choices."""
    for name, before in old.questions.items():
        after = new.questions.get(name)
        if after is None:
            yield f"{name}: the question is gone, and so are people's answers"
            continue
        if after["type"] != before["type"]:
            yield f"{name}: was a {before['type']} and is a {after['type']}"
        gone = [one for one in values(before) if one not in values(after)]
        yield from (f"{name}: the choice {one!r} is gone" for one in gone)


def values(details: Details) -> list[Any]:
    """Return the choices of a question."""
    choices = details.get("choices", [])
    return [*(choices.values() if isinstance(choices, dict) else choices)]


def questions_come(old: State, new: State) -> Iterator[str]:
    """A new question has a default: what projects had before."""
    declared = new.promises["questions"]
    for name in sorted({*new.questions} - {*old.questions}):
        if "default" not in new.questions[name]:
            yield f"{name}: has no default, so that no update gets past it"
        elif name not in declared:
            yield f"{name}: extensions/promises.yml does not say what projects had"
        elif "derived" not in declared[name] and (
            declared[name]["had"] != new.questions[name]["default"]
        ):
            yield f"{name}: projects had {declared[name]['had']!r}, not the default"


def identity_stays(old: State, new: State) -> Iterator[str]:
    """The answers that name a project keep their meaning."""
    for name in IDENTITY:
        before, after = (meaning(it.questions.get(name, {})) for it in (old, new))
        if before != after:
            yield f"{name}: names projects, and is asked otherwise"


def meaning(details: Details) -> Details:
    """Return a question without its prompt and the message of its validator."""
    validator = re.sub(r"else '[^']*'", "", details.get("validator", ""))
    return {**details, "help": "", "validator": validator}


def files_stay(old: State, new: State) -> Iterator[str]:
    """A file keeps its path, and stays executable."""
    declared = {*new.promises["moved"], *new.promises["dropped"]}
    for name, before in old.files.items():
        after = new.files.get(name)
        if after is None and name not in declared:
            yield f"{name}: is gone, and what people changed in it would be lost"
        elif after and before.stat().st_mode & 0o100 > after.stat().st_mode & 0o100:
            yield f"{name}: could be run, and can not any more"


def migrations_stay(old: State, new: State) -> Iterator[str]:
    """A shipped migration keeps its meaning: databases have run it."""
    declared = new.promises["migrations"]
    for name, before in old.files.items():
        after = new.files.get(name)
        if not name.startswith("alembic/versions/") or after is None:
            continue
        texts = [path.read_text(encoding="utf-8") for path in (before, after)]
        if not has_same_meaning(*texts):
            yield f"{name}: a shipped migration was changed"
        elif texts[0] != texts[1] and name not in declared:
            yield f"{name}: extensions/promises.yml has no reason for its new text"


def anchors_stay(old: State, new: State) -> Iterator[str]:
    """A marker comment keeps its words."""
    chosen = {name.rpartition("/")[2]: lines for name, lines in new.anchors.items()}
    for name, lines in old.anchors.items():
        now = new.anchors.get(name, set())
        # A file may have become alternatives, or alternatives one file.
        place = name if name in old.files else name.rpartition("/")[2]
        for line in sorted(lines - (now or chosen.get(place, set()))):
            yield f"{name}: people wrote below {line!r}, which is gone"


def notes_are_whole(_: State, new: State) -> Iterator[str]:
    """The changelog of each release has all sections."""
    text = (new.root / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"(?ms)^## (\S+).*?\n(.*?)(?=^## |\Z)", text)
    version = version_of((new.root / "pyproject.toml").read_text(encoding="utf-8"))
    if version not in {UNRELEASED, *dict(releases)}:
        yield f"CHANGELOG.md: has no notes of {version}"
    for heading, notes in releases:
        written = re.findall(r"(?m)^### (.+)\n+(?!#)\S", notes)
        missing = [section for section in SECTIONS if section not in written]
        yield from (f"CHANGELOG.md: {heading} has no {it!r}" for it in missing)


Rule = Callable[[State, State], Iterator[str]]
RULES: tuple[Rule, ...] = (
    questions_keep,
    questions_come,
    identity_stays,
    files_stay,
    migrations_stay,
    anchors_stay,
    notes_are_whole,
)


def broken(repository: Path, since: str) -> list[str]:
    """Return the rules that the working tree breaks, compared with a release."""
    with TemporaryDirectory() as folder:
        tree_of(repository, since, Path(folder))
        old, new = State(Path(folder)), State(repository)
        return [found for rule in RULES for found in rule(old, new)]
