"""The statements of all models, compiled for PostgreSQL."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.sql.dml import UpdateBase

from app import models
from tests.support.postgresql import DIALECT

STATEMENTS: dict[str, Any] = {
    f"{module.name}.{name}": value
    for module in iter_modules(models.__path__)
    for name, value in vars(import_module(f"app.models.{module.name}")).items()
    if isinstance(value, Select | UpdateBase)
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_compiles_for_postgresql(name: str) -> None:
    assert str(STATEMENTS[name].compile(dialect=DIALECT))
