"""What the project has already: resources, tables, routes, reserved names."""

import ast
from collections.abc import Iterable
from pathlib import Path

from upkeep import answers, git
from upkeep.errors import RefusedError
from upkeep.git import ROOT
from upkeep.resource.registration import Registration, tables
from upkeep.resource.spec import Project

TEMPLATE = Path(__file__).resolve().parents[2] / "template/app"
# Folders with a module of each resource.
LAYERS = ("models", "schemas", "services", "api/v1")


def read() -> Project:
    """Return the answers that code depends on. Raises RefusedError."""
    if git.attempt("rev-parse", "--is-inside-work-tree").stdout.strip() != b"true":
        raise RefusedError(
            "without git nothing shows what is new: git init, git add --all, git commit"
        )
    given = answers.read().answers
    auth = bool(given["auth"])
    return Project(
        orm=str(given["orm"]),
        auth=auth,
        example=bool(given["example"]),
        permissions=auth and bool(given.get("roles") or given.get("api_keys")),
    )


def modules(folder: str) -> Iterable[tuple[Path, str]]:
    """Return the modules of a folder with their texts. Raises RefusedError."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise RefusedError(f"{file}, line {error.lineno}: {error.msg}") from None
        yield file, text


def check_reserved(name: str, plural: str, project: Project) -> None:
    """Refuse the names of the template's modules, also of those not rendered."""
    stems = {
        path.name.partition(".")[0]
        for layer in LAYERS
        for path in (TEMPLATE / layer).glob("*.py*")
    }
    if not project.example:
        stems -= {"item", "items"}
    for variable, word in (("NAME", name), ("PLURAL", plural)):
        if word in stems:
            raise RefusedError(
                f"{variable}={word}: the template has a module of this name: choose"
                " another one"
            )


def check_taken(registration: Registration, paths: Iterable[str]) -> None:
    """Refuse a resource whose files, tables, classes or routes exist."""
    name, plural = registration.resource.name, registration.resource.plural
    for path in paths:
        if (ROOT / path).exists():
            is_own = path == f"app/models/{name}.py"
            back = f", or make resource NAME={name} ARGS=--remove" if is_own else ""
            raise RefusedError(f"{path} exists already: choose another NAME{back}")
    for file, text in modules("app/models"):
        classes = {
            it.name for it in ast.parse(text).body if isinstance(it, ast.ClassDef)
        }
        both = classes & {*registration.classes}
        both |= {*tables(text).values()} & {*registration.classes.values()}
        if both:
            raise RefusedError(
                f"NAME={name}: {file} has {min(both)} already: choose another name"
            )
    for file, text in modules("app/api"):
        if f'"/api/v1/{plural}"' in text:
            raise RefusedError(
                f"NAME={name}: {file} has the route /api/v1/{plural} already: choose"
                " another PLURAL"
            )
