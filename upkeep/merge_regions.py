"""Divides a shared file at its markers: the template's lines and the project's."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from upkeep import requirements
from upkeep.ownership import markers

REQUIREMENTS = "pyproject.toml"
# Lines above every marker with a value that the project sets, such as its version.
VALUES = {
    "pyproject.toml": re.compile(r'^(version = )".*"$', re.MULTILINE),
    "*/overlays/*.yaml": re.compile(
        r"^( *new(?:Name|Tag): |.* path: /spec/.*/host.* value: ).*$", re.MULTILINE
    ),
}


@dataclass(frozen=True)
class Regions:
    """The template's regions, each but the last ending with its marker, and ours."""

    template: tuple[str, ...]
    project: tuple[str, ...]


def cut(text: str, lines: Sequence[str]) -> tuple[str, ...] | None:
    """Cut a text after each of some lines, in their order; None if one is missing."""
    found: list[str] = []
    for line in lines:
        match = re.search(rf"^[ ]*{re.escape(line)}$\n?", text, re.MULTILINE)
        if match is None:
            return None
        found.append(text[: match.end()])
        text = text[match.end() :]
    return (*found, text)


def divide(text: str, rendered: str) -> Regions | None:
    """Divide a file by the markers of its rendered text; None if one is missing."""
    lines = markers(rendered)
    given, pieces = cut(rendered, lines), cut(text, lines)
    if given is None or pieces is None:
        return None
    template, project = [pieces[0]], list[str]()
    for after, follows in zip(pieces[1:], given[1:], strict=True):
        # The template continues with the line that is next in the rendered text.
        own = before(after, follows)
        project.append(own)
        template.append(after[len(own) :])
    return Regions(tuple(template), tuple(project))


def before(text: str, follows: str) -> str:
    """Return the text above the first line of another one, without blank lines."""
    line = follows.lstrip("\n").split("\n", 1)[0]
    match = re.search(rf"^{re.escape(line)}$", text, re.MULTILINE) if line else None
    if match is None:
        return text
    own = text[: match.start()].rstrip("\n")
    return f"{own}\n" if own else ""


def deviates(path: str, text: str, rendered: str) -> bool:
    """Return whether the template's regions differ from the rendered text."""
    regions = divide(text, rendered)
    if regions is None:
        return True
    template = "".join(regions.template)
    if path.endswith(".py"):
        template = without(template, own_imports(template, rendered))
    return normal(template) != normal(with_values(path, rendered, template))


def heal(path: str, text: str, rendered: str) -> str | None:
    """Return the rendered text with the project's regions; None without a marker."""
    regions, given = divide(text, rendered), cut(rendered, markers(rendered))
    if regions is None or given is None:
        return None
    below = zip(given[1:], regions.project, strict=True)
    whole = with_values(path, given[0], regions.template[0])
    whole += "".join(own + follows for follows, own in below)
    if path.endswith(".py"):
        imports = own_imports("".join(regions.template), rendered)
        whole = with_imports(whole, imports)
    return requirements.with_lists_of(whole, text) if path == REQUIREMENTS else whole


def normal(text: str) -> str:
    """Drop blank lines: they are no deviation."""
    return re.sub(r"\n{2,}", "\n", text).strip()


def with_values(path: str, text: str, project: str) -> str:
    """Set the project's values in the template's lines."""
    if path == REQUIREMENTS:
        text = requirements.with_lists_of(text, project)
    found = [line for pattern, line in VALUES.items() if fnmatch(path, pattern)]
    if not found:
        return text
    own = {match[1]: match[0] for match in found[0].finditer(project)}
    return found[0].sub(lambda match: own.get(match[1], match[0]), text)


def own_imports(text: str, rendered: str) -> list[str]:
    """Return the imports at the top that the template does not render."""
    theirs = {code for code, _ in imports(rendered)}
    return [code for code, _ in imports(text) if code not in theirs]


def imports(text: str) -> list[tuple[str, int]]:
    """Return each import of a module, and the line on which it begins."""
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
    """Remove lines from a text."""
    for code in codes:
        text = text.replace(f"{code}\n", "", 1)
    return text


def with_imports(text: str, codes: Sequence[str]) -> str:
    """Add imports above the first one; `make format` sorts them."""
    if not codes:
        return text
    lines = text.splitlines(keepends=True)
    line = min((number for _, number in imports(text)), default=1) - 1
    return "".join([*lines[:line], *(f"{code}\n" for code in codes), *lines[line:]])
