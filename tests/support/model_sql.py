"""Prints as JSON what the models of a project say to a database; runs inside it."""

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

# One value for every kind of argument that a named statement takes.
VALUES = {UUID: UUID(int=1), str: "text", datetime: datetime(2026, 1, 1, tzinfo=UTC)}


def tables(dialect: Dialect) -> Iterator[tuple[str, list[str]]]:
    """Give the lines that create each table, in any order."""
    for table in Base.metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=dialect)).splitlines()
        indexes = [
            str(CreateIndex(one).compile(dialect=dialect)) for one in table.indexes
        ]
        yield table.name, sorted([line.strip(" \t,") for line in made] + indexes)


def statements() -> Iterator[tuple[str, Any]]:
    """Give every statement that stands beside a model, by name."""
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


def spoken(statement: Any, dialect: Dialect) -> dict[str, Any]:
    """Give the words, the values, and those that Python converts on their way."""
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
    """Print both, as the database of this address hears them."""
    dialect = make_url(url).get_dialect()()
    found = {name: spoken(one, dialect) for name, one in statements()}
    print(json.dumps({"tables": dict(tables(dialect)), "statements": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
