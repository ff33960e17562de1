"""Rules of conditional files: the `.jinja` files of the template."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

import yaml

from extensions.questions import ROOT, questions

TEMPLATE = ROOT / "template"
ANSWERS_TEMPLATE = "{{ _copier_conf.answers_file }}.jinja"
# Conditions in one file. Above that, move code into a plain file of the feature. Each
# feature with a dependency has one in pyproject.toml.
MAX_CONDITIONS = 45
MAX_PYTHON_CONDITIONS = 12
# Composition roots and lists of all parts name each feature, some of them three times.
ROOTS = {
    *("app/core/config.py", "app/main.py", "app/worker.py"),
    *("app/api/router.py", "app/models/__init__.py"),
}
MAX_ROOT_CONDITIONS = 30
# Lines of each branch. A condition with two long branches is two plain files.
MAX_LINES = {"if": 8, "else": 1}
# The allowed tags of Jinja, with the blocks in which each may be.
MAY_FOLLOW = {
    "if": {""},
    "raw": {""},
    "include": {""},
    "else": {"if"},
    "endif": {"if", "else"},
    "endraw": {"raw"},
}
BLOCK = re.compile(rf"\s*# \{{% ({'|'.join(MAY_FOLLOW)})\b(.*)%\}}\s*")
PARSERS: dict[str, Callable[[str], object]] = {
    ".py": ast.parse,
    ".toml": tomllib.loads,
    **dict.fromkeys((".yaml", ".yml"), lambda text: list(yaml.safe_load_all(text))),
}


def files(template: Path = TEMPLATE) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file of the template."""
    for path in sorted(template.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(template).as_posix()
            yield name, path.read_text(encoding="utf-8")


def conditional_files(template: Path = TEMPLATE) -> dict[str, str]:
    """Map each conditional file, without its suffix, to its text."""
    return {
        name.removesuffix(".jinja"): text
        for name, text in files(template)
        if name.endswith(".jinja") and name != ANSWERS_TEMPLATE
    }


def conditional_alternatives() -> dict[str, str]:
    """Map each conditional file of `alternatives/`, without its suffix, to its text."""
    return {
        f"alternatives/{name}": text
        for name, text in conditional_files(ROOT / "alternatives").items()
    }


def parse(name: str, text: str) -> None:
    """Parse a conditional file as its own language, before it is rendered."""
    if parser := PARSERS.get(PurePath(name).suffix):
        parser(text)


def plain_problems(text: str) -> list[str]:
    """List the lines of a plain file that look like Jinja; `${{ }}` does not."""
    return [
        f"line {number}: Jinja in a plain file"
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(r"\{%|(?<!\$)\{\{ ", line)
    ]


def file_problems(name: str, text: str) -> list[str]:
    """List what is wrong with the number of conditions in a conditional file."""
    most = MAX_PYTHON_CONDITIONS if name.endswith(".py") else MAX_CONDITIONS
    if name in ROOTS:
        most = MAX_ROOT_CONDITIONS
    if "{%" not in text and "{{" not in text:
        return ["no Jinja: remove the suffix .jinja"]
    return [f"more than {most} conditions"] * (text.count("# {% if ") > most)


def block_problems(text: str, names: Iterable[str] | None = None) -> list[str]:
    """List what is wrong with the blocks of a conditional file."""
    known = {*(questions() if names is None else names)}
    problems, opened, opening = [], 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if "{%" not in line or opening == "raw" and "endraw" not in line:
            continue
        if not (match := BLOCK.fullmatch(line)):
            problems.append(f"line {number}: only plain blocks, each on its own line")
            continue
        kind, rest = match.groups()
        if opening not in MAY_FOLLOW[kind]:
            problems.append(f"line {number}: a block inside another")
        if kind == "if" and rest.strip() not in known:
            problems.append(f"line {number}: an `if` names one answer")
        most = MAX_LINES.get(opening, number)
        if number - opened - 1 > most:
            problems.append(f"line {number}: more than {most} lines in a branch")
        if kind != "include":
            opened, opening = number, "" if kind.startswith("end") else kind
    return problems


def conditions(template: Path) -> set[str]:
    """Return the file and line of every `if` of the template, as Copier names them."""
    return {
        f"template/{name}.jinja:{number}"
        for name, text in conditional_files(template).items()
        for number, line in enumerate(text.splitlines(), 1)
        if "# {% if " in line
    }


def manifest(path: Path) -> list[str]:
    """Return the paths that a feature owns, from the one block of its `_exclude`."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    [block] = loaded["_exclude"]
    condition, *paths, end = block.strip().splitlines()
    # An update renders it with the answers of the old release too, which may lack it.
    assert condition == f"# {{% if not {path.stem} | default(true) %}}"
    assert end == "# {% endif %}"
    return [line.strip() for line in paths]


def manifests() -> dict[str, list[str]]:
    """Map every feature to the paths that it owns."""
    return {path.stem: manifest(path) for path in sorted(ROOT.glob("features/*.yml"))}
