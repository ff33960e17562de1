"""Three-way merge of the requirements in pyproject.toml: start with `align`."""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from upkeep.requirement_lists import UnreadableError, merge

# Tables with lists of requirements; of [project] only the list `dependencies`.
TABLES = ("project", "project.optional-dependencies", "dependency-groups")
TABLE = re.compile(r"\[+(?P<name>[^\]]+)\]+\s*(#.*)?")
START = re.compile(r"(?P<name>[\w.\"'-]+)\s*=\s*\[\s*(#.*)?")
END = re.compile(r"\s*\]\s*(#.*)?")


class Aligned(NamedTuple):
    """Three versions of a text in which the merged lines are the same."""

    base: str
    ours: str
    theirs: str


def align(base: str, ours: str, theirs: str) -> Aligned:
    """Write the merged lists into all three versions of pyproject.toml.

    What is left to a merge line by line (`git merge-file`) is the rest of the file. A
    list stays as it is where only one side has it, and where a line of it has more than
    one requirement.
    """
    texts = (base, ours, theirs)
    spans = [find(text) for text in texts]
    merged = dict[str, list[str]]()
    for name in spans[1].keys() & spans[2].keys():
        versions = [
            text.split("\n")[slice(*span.get(name, (0, 0)))]
            for text, span in zip(texts, spans, strict=True)
        ]
        try:
            merged[name] = merge(*versions)
        except UnreadableError:
            continue
    return Aligned(*(write(text, merged) for text in texts))


def with_lists_of(text: str, source: str) -> str:
    """Return a pyproject.toml with the requirement lists of another one."""
    lines = source.split("\n")
    return write(text, {name: lines[slice(*it)] for name, it in find(source).items()})


def find(text: str) -> dict[str, tuple[int, int]]:
    """Find the lists of requirements: the first line of each, and the line after it."""
    found, lines, table = dict[str, tuple[int, int]](), text.split("\n"), ""
    for number, line in enumerate(lines):
        if match := TABLE.fullmatch(line):
            table = match["name"]
        elif table in TABLES and (match := START.fullmatch(line)):
            name = match["name"].strip("\"'")
            length = len([*takewhile(lambda it: not END.fullmatch(it), lines[number:])])
            if table != "project" or name == "dependencies":
                found[f"{table}.{name}"] = (number + 1, number + length)
    return found


def write(text: str, lists: Mapping[str, Sequence[str]]) -> str:
    """Replace the lines of lists."""
    lines = text.split("\n")
    for name, (start, end) in sorted(find(text).items(), key=lambda it: -it[1][0]):
        lines[start:end] = lists.get(name, lines[start:end])
    return "\n".join(lines)
