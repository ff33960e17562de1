"""Adds imports to the code of a module: those of the names that it uses."""

import ast

MODULES = {
    "app.api.deps": "get_database",
    "app.api.errors": "problem_responses",
    "app.api.permissions": "require",
    "app.api.security": "CurrentUserId RequireUser",
    "app.core.clock": "Clock Day UtcTime utc_now",
    "app.core.errors": "AuthenticationError ConflictError NotFoundError",
    "app.core.permissions": "Permission",
    "app.core.text": "MultiLine SingleLine SortBy",
    "app.core.values": "FixedPoint Int32 JsonDocument PlainDecimal",
    "app.db": "Database conflict",
    "app.db.lists": "Listing contains",
    "app.db.types": "ArraySubquery UtcDateTime enum_type",
    "app.models.base": "Base Record new_row",
    "app.schemas.base": "Page RequestModel ResponseModel",
    "app.schemas.lists": "ListQuery",
    "collections.abc": "Sequence",
    "dataclasses": "dataclass",
    "datetime": "UTC date datetime timedelta",
    "decimal": "Decimal",
    "enum": "StrEnum",
    "fastapi": "APIRouter Depends FastAPI Query Request status",
    "httpx2": "AsyncClient",
    "pydantic": "AfterValidator StrictBool StrictFloat ValidationError",
    "sqlalchemy": "func inspect select",
    "sqlalchemy.ext.asyncio": "AsyncConnection AsyncSession",
    "sqlalchemy.orm": "Mapped QueryableAttribute mapped_column relationship"
    " selectinload",
    "sqlmodel": "Relationship col",
    "tests.factories": "make_user",
    "tests.support.auth": "USER_ID bearer",
    "typing": "Annotated Any cast",
    "uuid": "UUID",
}
IMPORTS = {
    name: f"from {module} import {name}"
    for module, names in MODULES.items()
    for name in names.split()
} | {
    "dt": "import datetime as dt",
    "enum": "import enum",
    "pytest": "import pytest",
    "sa": "import sqlalchemy as sa",
}


def add_imports(code: str, own: dict[str, str]) -> str:
    """Return a module with its imports behind the docstring, in no order.

    Args:
        code: The module, with a docstring.
        own: The modules of further names.
    """
    known = IMPORTS | {name: f"from {own[name]} import {name}" for name in own}
    tree = ast.parse(code)
    names = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    lines = sorted({known[name] for name in names - defined(tree) if name in known})
    docstring, rest = code.split('"""\n', 1)
    return f'{docstring}"""\n\n' + "\n".join([*lines, rest])


def defined(tree: ast.Module) -> set[str]:
    """Return the names of the classes, functions and variables of a module."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
    return found
