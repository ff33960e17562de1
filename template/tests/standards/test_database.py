"""Rules about the database: migrations, connection pool and relations."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import QueuePool, inspect
from sqlalchemy.orm import Mapper

from app import db, models
from app.core.database_settings import DatabaseSettings
from tests.support.databases import alembic_config, migrate, new_database

# These load a related object together with its owner, or raise an error.
EXPLICIT = {"joined", "raise", "raise_on_sql", "selectin", "subquery", "write_only"}


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def mappers() -> set[Mapper[Any]]:
    values = [value for module in modules(models) for value in vars(module).values()]
    kinds: set[type[Any]] = {value for value in values if isinstance(value, type)}
    found: list[object] = [inspect(kind, raiseerr=False) for kind in kinds]
    return {mapper for mapper in found if isinstance(mapper, Mapper)}


# Alembic is not async: it runs before the service, not in it.
@pytest.mark.blocks
def test_migrations_build_the_tables_of_the_models(tmp_path: Path) -> None:
    with new_database(tmp_path) as url:
        migrate(url)
        try:
            command.check(alembic_config(url))
        except CommandError as difference:
            pytest.fail(f"DB-01: {difference}")


def test_engine_has_a_connection_pool() -> None:
    pools = {
        module.__name__: module.create_engine(DatabaseSettings()).sync_engine.pool
        for module in modules(db)
        if hasattr(module, "create_engine")
    }
    loose = [name for name, pool in pools.items() if not isinstance(pool, QueuePool)]

    assert pools, "DB-03: no module creates an engine"
    assert not loose, f"DB-03: no connection pool in {loose}"


def test_relations_are_loaded_explicitly() -> None:
    relations = [relation for it in mappers() for relation in it.relationships]
    lazy = [str(it) for it in relations if it.lazy not in EXPLICIT]

    assert not lazy, f"DB-04: loaded without joinedload or selectinload: {lazy}"
