"""Print the SQL of a project's models as JSON; runs in its environment."""

import inspect
import json
import pkgutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, get_origin
from uuid import UUID

from sqlalchemy import Dialect, Executable, Select, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from app import models
from app.models import Base

# One value for each type of argument of the named statements.
VALUES = {UUID: UUID(int=1), str: "text", datetime: datetime(2026, 1, 1, tzinfo=UTC)}


def tables(dialect: Dialect) -> Iterator[tuple[str, list[str]]]:
    """Yield the sorted lines of CREATE TABLE for each table."""
    for table in Base.metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=dialect)).splitlines()
        indexes = [
            str(CreateIndex(one).compile(dialect=dialect)) for one in table.indexes
        ]
        yield table.name, sorted([line.strip(" \t,") for line in made] + indexes)


def statements() -> Iterator[tuple[str, Any]]:
    """Yield every statement of the model modules, by name."""
    for module in pkgutil.iter_modules(models.__path__):
        home = import_module(f"app.models.{module.name}")
        for name, member in vars(home).items():
            if isinstance(member, Executable) and not name.startswith("_"):
                yield name, member
            elif inspect.isfunction(member) and member.__module__ == home.__name__:
                signature = inspect.signature(member)
                if get_origin(signature.return_annotation) is Select:
                    kinds = signature.parameters.values()
                    yield name, member(*(VALUES[kind.annotation] for kind in kinds))


def compiled_statement(statement: Any, dialect: Dialect) -> dict[str, Any]:
    """Return the SQL, its parameters, and those that Python converts."""
    compiled = statement.compile(dialect=dialect)
    values = {name: bind.type for bind, name in compiled.bind_names.items()}
    columns = {one.key: one.type for one in getattr(statement, "selected_columns", ())}
    return {
        "sql": str(compiled),
        "values": {name: str(value) for name, value in compiled.params.items()},
        "incoming": sorted(
            name
            for name, kind in values.items()
            if kind.dialect_impl(dialect).bind_processor(dialect)
        ),
        "outgoing": sorted(
            name
            for name, kind in columns.items()
            if kind.dialect_impl(dialect).result_processor(dialect, None)
        ),
    }


def main(url: str) -> None:
    """Print tables and statements for the dialect of this URL."""
    dialect = make_url(url).get_dialect()()
    found = {name: compiled_statement(one, dialect) for name, one in statements()}
    print(json.dumps({"tables": dict(tables(dialect)), "statements": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
