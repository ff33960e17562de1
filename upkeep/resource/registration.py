"""Registers a resource below the markers of shared files, and removes it there."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from upkeep.errors import RefusedError
from upkeep.resource import permissions
from upkeep.resource.spec import Resource

MODELS, ROUTER = "app/models/__init__.py", "app/api/router.py"
PAGE = "docs/resources.md"
# Files that only some projects have.
OPTIONAL = (PAGE, permissions.PERMISSIONS, permissions.LISTED)
IMPORTS = "# -- Your own imports below this line. --"
TABLES = "# -- Your own tables below this line. --"
ROUTERS = "# -- Your own routers below this line. --"
ROWS = "| **Your own resources below this line.** |"


@dataclass(frozen=True)
class Registration:
    """What the shared files list of a resource.

    Attributes:
        resource: The resource.
        classes: Its tables: name of the class, name of the table.
    """

    resource: Resource
    classes: dict[str, str]

    @property
    def edits(self) -> dict[str, tuple[Callable[[str], str], Callable[[str], str]]]:
        """The shared files, with the functions that add and remove the lines."""
        return {
            MODELS: (self.add_models, self.remove_models),
            ROUTER: (self.add_router, self.remove_router),
            PAGE: (self.add_row, self.remove_row),
            **permissions.edits(self.resource),
        }

    def add(self, place: Path) -> list[str]:
        """Add the lines to the files in a folder. Returns the files."""
        return [name for name in self.edits if self.edit(place, name, 0)]

    def remove(self, place: Path) -> list[str]:
        """Remove the lines from the files in a folder. Returns the files."""
        return [name for name in self.edits if self.edit(place, name, 1)]

    def edit(self, place: Path, name: str, way: int) -> bool:
        """Change a file, if the project has it."""
        file = place / name
        if name in OPTIONAL and not file.exists():
            return False
        text = file.read_text(encoding="utf-8")
        changed = self.edits[name][way](text)
        file.write_text(changed, encoding="utf-8")
        return changed != text

    def add_models(self, text: str) -> str:
        """Import the classes, and export them."""
        names = ", ".join(self.classes)
        text = below(MODELS, text, IMPORTS, f"from {self.module} import {names}")
        start = position(MODELS, text, TABLES)
        end = text.index("]", start)
        lines = "".join(f'    "{name}",\n' for name in self.classes)
        return text[:end] + lines + text[end:]

    def remove_models(self, text: str) -> str:
        """Remove the import and the exported names."""
        for name in self.classes:
            text = re.sub(rf'^ *"{name}",\n', "", text, count=1, flags=re.MULTILINE)
        return check_unused(MODELS, without_import(text, self.module), *self.classes)

    def add_router(self, text: str) -> str:
        """Import the router, and list it."""
        plural = self.resource.plural
        line = f"from app.api.v1.{plural} import router as {plural}"
        text = below(ROUTER, text, IMPORTS, line)
        position(ROUTER, text, ROUTERS)
        return f"{text.rstrip()}\nROUTERS.append({plural})\n"

    def remove_router(self, text: str) -> str:
        """Remove the import and the line that lists the router."""
        plural = self.resource.plural
        text = text.replace(f"\nROUTERS.append({plural})\n", "\n", 1)
        text = without_import(text, f"app.api.v1.{plural}")
        return check_unused(ROUTER, text, plural)

    def add_row(self, text: str) -> str:
        """Add a row below the marker, or nothing without it."""
        if ROWS not in text:
            return text
        rest = text.index(ROWS)
        table = re.compile(r"(?:\|.*\n?)*").match(text, rest)
        end = table.end() if table else rest
        stored = ", ".join(field.name for field in self.resource.fields)
        before = text[:end] if text[:end].endswith("\n") else f"{text[:end]}\n"
        return f"{before}{self.row} {stored} |\n{text[end:]}"

    def remove_row(self, text: str) -> str:
        """Remove the row, with what the project wrote into it."""
        return re.sub(rf"^{re.escape(self.row)}.*\n?", "", text, flags=re.MULTILINE)

    @property
    def row(self) -> str:
        """The first cells of the row of the documentation."""
        return f"| {self.resource.plural} | `/api/v1/{self.resource.plural}` |"

    @property
    def module(self) -> str:
        """The module of the tables."""
        return f"app.models.{self.resource.name}"


def below(file: str, text: str, marker: str, line: str) -> str:
    """Insert a line below a marker; isort sorts it. Raises RefusedError."""
    end = text.index("\n", position(file, text, marker)) + 1
    return f"{text[:end]}{line}\n{text[end:]}"


def position(file: str, text: str, marker: str) -> int:
    """Return the position of a marker. Raises RefusedError if it is missing."""
    if marker not in text:
        raise RefusedError(
            f"{file} has lost the line {marker}: make drift ARGS='--heal {file}'"
        )
    return text.index(marker)


def without_import(text: str, module: str) -> str:
    """Remove the import from a module, which may have several lines."""
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module == module:
            lines[node.lineno - 1 : node.end_lineno] = []
            break
    return "".join(lines)


def check_unused(file: str, text: str, *names: str) -> str:
    """Return a text without names. Raises RefusedError if it reads one of them."""
    read = {it.id for it in ast.walk(ast.parse(text)) if isinstance(it, ast.Name)}
    if both := read & {*names}:
        raise RefusedError(f"{file} uses {min(both)}: remove that first")
    return text


def tables(model: str) -> dict[str, str]:
    """Return the classes of a model's module that are tables, with their tables."""
    found: dict[str, str] = {}
    for node in ast.parse(model).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for statement in node.body:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id="__tablename__")],
                    value=ast.Constant(value=str(name)),
                ):
                    found[node.name] = name
    return found
