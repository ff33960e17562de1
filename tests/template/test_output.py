"""Rendered files read as if written by hand, for every cell of the matrix."""

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.fixture_types import Project
from tests.support.matrix import CELLS

# Syntax of Python 3.12, which the template's own 3.11 can not parse.
PARAMETERS = re.compile(r"(?m)^(\s*(?:class|def|async def) \w+)\[[^\]]*\]")
ALIAS = re.compile(r"(?m)^(\s*)type (\w+ = )")
EMPTY = ("{}", "[]", "()", "dict()", "list()", "set()")
METHODS = (ast.FunctionDef, ast.AsyncFunctionDef)


def parse(text: str) -> ast.Module:
    """Parse a module without its type parameters."""
    return ast.parse(ALIAS.sub(r"\1\2", PARAMETERS.sub(r"\1", text)))


def bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the statements of every module, class, function and branch."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            if isinstance(statements := getattr(node, field, None), list):
                yield statements


def assigned(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """Return the variable that a statement sets, and the value."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return name, value
    return "", None


def changed(statement: ast.stmt) -> str:
    """Return the name of the object that a statement extends, or ""."""
    match statement:
        case ast.AugAssign(target=ast.Name(id=name)):
            return name
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
            return name
        case ast.Expr(
            ast.Call(
                func=ast.Attribute(
                    value=ast.Name(id=name), attr="append" | "extend" | "update" | "add"
                )
            )
        ):
            return name
    return ""


def code_scars(text: str) -> Iterator[str]:
    """Find what no person would write: leftovers of conditions in the template."""
    tree = parse(text)
    for first, second in (pair for body in bodies(tree) for pair in pairwise(body)):
        (name, value), (again, other) = assigned(first), assigned(second)
        used = {
            node.id
            for node in ast.walk(other or ast.Pass())
            if isinstance(node, ast.Name)
        }
        if name and name == again and value and name not in used:
            yield f"line {second.lineno}: {name} is assigned twice"
        if value and ast.unparse(value) in EMPTY and changed(second) == name:
            yield f"line {second.lineno}: {name} is empty and then changed"
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from class_scars(node)


def class_scars(node: ast.ClassDef) -> Iterator[str]:
    """Find fields below methods."""
    methods = [one.lineno for one in node.body if isinstance(one, METHODS)]
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and methods and one.lineno > methods[0]:
            yield f"line {one.lineno}: a field of {node.name} below a method"


def unsorted(requirements: list[str]) -> list[str]:
    """Return the names of requirements, unless these or their names are sorted."""
    names: list[str] = [
        canonicalize_name(Requirement(one).name) for one in requirements
    ]
    lines = [one.lower() for one in requirements]
    return [] if names == sorted(names) or lines == sorted(lines) else names


def dependency_scars(text: str) -> list[list[str]]:
    """Find the lists of dependencies in a pyproject.toml that are not sorted."""
    settings = tomllib.loads(text)
    lists = [
        settings["project"]["dependencies"],
        *settings["dependency-groups"].values(),
    ]
    return [names for one in lists if (names := unsorted(one))]


def empty_folders(project: Path) -> list[str]:
    """List the folders without a file."""
    return [
        path.relative_to(project).as_posix()
        for path in project.rglob("*")
        if path.is_dir() and not any(path.iterdir())
    ]


@pytest.mark.parametrize("cell", CELLS)
def test_no_empty_folder_is_rendered(cell: str, render: Project) -> None:
    assert empty_folders(render(CELLS[cell])) == []


@pytest.mark.parametrize("cell", CELLS)
def test_rendered_code_has_no_scars(cell: str, render: Project) -> None:
    project = render(CELLS[cell])
    scars = {
        path.relative_to(project).as_posix(): found
        for path in project.rglob("*.py")
        if (found := [*code_scars(path.read_text(encoding="utf-8"))])
    }

    assert scars == {}


@pytest.mark.parametrize("cell", CELLS)
def test_dependencies_are_sorted(cell: str, render: Project) -> None:
    text = (render(CELLS[cell]) / "pyproject.toml").read_text(encoding="utf-8")

    assert dependency_scars(text) == []


@pytest.mark.parametrize(
    ("text", "scar"),
    [
        ('down: str | None = "1"\ndown = None\n', "down is assigned twice"),
        ("def f():\n    x = 1\n    x = 2\n", "x is assigned twice"),
        ("headers = {}\nheaders |= other\n", "headers is empty and then changed"),
        ("found = []\nfound.append(1)\n", "found is empty and then changed"),
        ("class A:\n    def f(self): ...\n    x: int\n", "a field of A below a method"),
    ],
)
def test_scar_is_reported(text: str, scar: str) -> None:
    [found] = code_scars(text)

    assert scar in found


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\nx = f(x)\n",
        "x: int\nx = 1\n",
        "found = []\nfor one in all_:\n    found.append(one)\n",
        "type Row = int\n\n\nclass Page[T: int](list[T]):\n    x: T\n",
    ],
)
def test_ordinary_code_is_not_reported(text: str) -> None:
    assert [*code_scars(text)] == []


def test_unsorted_dependencies_are_reported() -> None:
    text = '[project]\ndependencies = ["b>=1", "A[x]>=1"]\n[dependency-groups]\n'

    assert dependency_scars(text) == [["b", "a"]]


def test_empty_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert empty_folders(tmp_path) == ["a/b"]
