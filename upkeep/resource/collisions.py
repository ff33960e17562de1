"""Finds names that the code of a resource uses for something else: see `check`."""

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

from upkeep.errors import RefusedError
from upkeep.resource.field_code import codes
from upkeep.resource.imports import IMPORTS
from upkeep.resource.modules import own_modules
from upkeep.resource.spec import Resource
from upkeep.resource.words import class_name

Files = dict[str, str]
# A name that collides with nothing.
NEUTRAL, NEUTRALS = "xyzzy", "xyzzies"


def check(resource: Resource, render: Callable[[Resource], Files]) -> Files:
    """Return the files of a resource. Raises RefusedError for a name that collides."""
    for name in own_modules(resource).keys() & {*IMPORTS, "Field"}:
        refuse(name, resource)
    files = render(resource)
    neutral = resource.renamed(NEUTRAL, NEUTRALS)
    for text, other in zip(files.values(), render(neutral).values(), strict=True):
        both = translated(other, resource) & used_by_all(other)
        parameters = named_parameters(text) & {it.name for it in resource.fields}
        for name in [*both, *hidden(text), *defined_twice(text), *parameters]:
            refuse(name, resource)
    return files


def refuse(name: str, resource: Resource) -> NoReturn:
    """Refuse a field or a resource for a name that its code would have."""
    field = field_of(name, resource)
    what = f"FIELDS: {field}" if field else f"NAME={resource.name}"
    hint = "" if field else f", as in {resource.name}_entry"
    raise RefusedError(
        f"{what}: choose another name{hint}: the code of a resource uses {name} for"
        " something else"
    )


def field_of(name: str, resource: Resource) -> str:
    """Return the field from which a name in the code is derived, if it is one."""
    if name == class_name(resource.name):
        return ""
    for code in codes(resource):
        if name in (code.name, code.column) or name.endswith(class_name(code.name)):
            return code.name
    return ""


def defined_twice(text: str) -> list[str]:
    """Return the names that a module defines twice, or that hide what it imports."""
    tree, imported = ast.parse(text), set[str]()
    defined: list[str] = []
    for node in tree.body:
        match node:
            case ast.ImportFrom() | ast.Import():
                imported |= {it.asname or it.name for it in node.names}
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                defined.append(node.name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                defined.append(name)
    stored = {it.arg for it in ast.walk(tree) if isinstance(it, ast.arg)}
    stored |= {
        it.id
        for it in ast.walk(tree)
        if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store)
    }
    twice = {name for name in defined if defined.count(name) > 1}
    return sorted(twice | imported & {*defined, *stored})


def translated(neutral: str, resource: Resource) -> set[str]:
    """Return the identifiers that contain the name of the resource."""
    words = {
        NEUTRALS: resource.plural,
        NEUTRAL: resource.name,
        class_name(NEUTRALS): class_name(resource.plural),
        class_name(NEUTRAL): class_name(resource.name),
        NEUTRALS.upper(): resource.plural.upper(),
        NEUTRAL.upper(): resource.name.upper(),
    }
    found = {name for name in identifiers(neutral) if is_own(name)}
    for old, new in words.items():
        found = {name.replace(old, new) for name in found}
    return found


def used_by_all(neutral: str) -> set[str]:
    """Return the identifiers that every resource has."""
    return {name for name in identifiers(neutral) if not is_own(name)}


def is_own(name: str) -> bool:
    """Return whether an identifier contains the neutral name."""
    return NEUTRAL in name.lower() or NEUTRALS in name.lower()


def identifiers(text: str) -> Iterator[str]:
    """Yield the names that a module defines, imports or reads."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def named_parameters(text: str) -> set[str]:
    """Return the first parameters of functions that take fields as keywords.

    Those with a default are fields themselves.
    """
    return {
        argument.arg
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.args.kwarg
        for argument in node.args.args[: -len(node.args.defaults) or None]
    }


def hidden(text: str) -> Iterator[str]:
    """Yield the fields whose name hides another one in the body of a class."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            yield from hidden_in(node)


def hidden_in(body: ast.ClassDef) -> Iterator[str]:
    """Yield the fields that are twice in a class, or that its body reads as names."""
    fields: set[str] = set()
    methods = {it.name for it in body.body if isinstance(it, ast.FunctionDef)}
    read = {name for it in body.body for name in names_read(it)}
    for statement in body.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                if name in fields | methods | read:
                    yield name
                fields.add(name)


def names_read(statement: ast.stmt) -> Iterable[str]:
    """Return the names that a statement of a class reads in the scope of the class."""
    parts: list[ast.AST] = [statement]
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = statement.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        hints = [it.annotation for it in every] + [statement.returns]
        parts = [*statement.decorator_list, *(it for it in hints if it)]
    return {
        node.id
        for part in parts
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
