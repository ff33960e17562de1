"""Divides a shared file into what the template wrote and what the project did."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from upkeep import requirements

REQUIREMENTS = "pyproject.toml"
# Lines above every anchor whose value is the project's: it changes with each version.
VALUES = {
    "pyproject.toml": re.compile(r'^(version = )".*"$', re.MULTILINE),
    "*/overlays/*.yaml": re.compile(
        r"^( *new(?:Name|Tag): |.* path: /spec/.*/host.* value: ).*$", re.MULTILINE
    ),
}


@dataclass(frozen=True)
class Parted:
    """The template's pieces, each but the last one ends with its anchor."""

    template: tuple[str, ...]
    project: tuple[str, ...]


def pieces(text: str, anchors: Sequence[str]) -> tuple[str, ...] | None:
    """Cut a text after each anchor, in their order; nothing when one is missing."""
    found: list[str] = []
    for anchor in anchors:
        match = re.search(rf"^[ ]*{re.escape(anchor)}$\n?", text, re.MULTILINE)
        if match is None:
            return None
        found.append(text[: match.end()])
        text = text[match.end() :]
    return (*found, text)


def part(text: str, pristine: str, anchors: Sequence[str]) -> Parted | None:
    """Find what the project wrote below each anchor; nothing when one is missing."""
    given, cut = pieces(pristine, anchors), pieces(text, anchors)
    if given is None or cut is None:
        return None
    template, project = [cut[0]], list[str]()
    for after, follows in zip(cut[1:], given[1:], strict=True):
        # The template goes on with the line that comes next in a fresh copy.
        own = before(after, follows)
        project.append(own)
        template.append(after[len(own) :])
    return Parted(tuple(template), tuple(project))


def before(text: str, follows: str) -> str:
    """Give what stands before the first line of something, blank lines left out."""
    line = follows.lstrip("\n").split("\n", 1)[0]
    match = re.search(rf"^{re.escape(line)}$", text, re.MULTILINE) if line else None
    if match is None:
        return text
    own = text[: match.start()].rstrip("\n")
    return f"{own}\n" if own else ""


def deviates(path: str, text: str, pristine: str, anchors: Sequence[str]) -> bool:
    """Say whether something is different outside of what is the project's."""
    parted = part(text, pristine, anchors)
    given = pieces(pristine, anchors)
    if parted is None or given is None:
        return True
    mine, theirs = "".join(parted.template), "".join(given)
    if path.endswith(".py"):
        mine = without(mine, own_imports(mine, theirs))
    return normal(mine) != normal(with_values(path, theirs, mine))


def healed(path: str, text: str, pristine: str, anchors: Sequence[str]) -> str | None:
    """Give the template's text with the project's below each anchor."""
    parted = part(text, pristine, anchors)
    given = pieces(pristine, anchors)
    if parted is None or given is None:
        return None
    below = zip(given[1:], parted.project, strict=True)
    whole = with_values(path, given[0], parted.template[0])
    whole += "".join(own + follows for follows, own in below)
    if path.endswith(".py"):
        imports = own_imports("".join(parted.template), "".join(given))
        whole = beside_imports(whole, imports)
    return requirements.with_lists_of(whole, text) if path == REQUIREMENTS else whole


def normal(text: str) -> str:
    """Leave out what may be different without being a deviation."""
    return re.sub(r"\n{2,}", "\n", text).strip()


def with_values(path: str, text: str, project: str) -> str:
    """Put the project's values into the template's lines."""
    if path == REQUIREMENTS:
        text = requirements.with_lists_of(text, project)
    found = [line for pattern, line in VALUES.items() if fnmatch(path, pattern)]
    if not found:
        return text
    own = {match[1]: match[0] for match in found[0].finditer(project)}
    return found[0].sub(lambda match: own.get(match[1], match[0]), text)


def own_imports(text: str, pristine: str) -> list[str]:
    """Give the imports at the top that are not the template's."""
    theirs = {code for code, _ in imports(pristine)}
    return [code for code, _ in imports(text) if code not in theirs]


def imports(text: str) -> list[tuple[str, int]]:
    """Give each import of a module, and the line on which it begins."""
    lines = text.splitlines()
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return []
    return [
        ("\n".join(lines[node.lineno - 1 : node.end_lineno]), node.lineno)
        for node in body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def without(text: str, codes: Sequence[str]) -> str:
    """Take lines out of a text."""
    for code in codes:
        text = text.replace(f"{code}\n", "", 1)
    return text


def beside_imports(text: str, codes: Sequence[str]) -> str:
    """Put lines in front of the first import; `make format` sorts them."""
    if not codes:
        return text
    lines = text.splitlines(keepends=True)
    line = min((number for _, number in imports(text)), default=1) - 1
    return "".join([*lines[:line], *(f"{code}\n" for code in codes), *lines[line:]])
