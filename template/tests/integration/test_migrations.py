"""Migrations: history, downgrade, comparison with the models, and printed SQL."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from app.models import Base
from tests.support.databases import alembic_config, migrate, new_database

# Alembic is not async: it runs before the service, not in it.
pytestmark = pytest.mark.blocks


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with new_database(tmp_path) as url:
        yield url


def run_in_transaction[T](url: str, function: Callable[[Connection], T]) -> T:
    """Call a function with a connection, and commit."""

    async def connect() -> T:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            result = await connection.run_sync(function)
        await engine.dispose()
        return result

    return asyncio.run(connect())


def table_names(url: str) -> set[str]:
    """Return the names of the tables in a database, without Alembic's own."""
    names = run_in_transaction(url, lambda one: inspect(one).get_table_names())
    return {*names} - {"alembic_version"}


def test_history_has_one_head(url: str) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(url))

    assert len(scripts.get_heads()) <= 1


def test_every_revision_can_be_downgraded_and_upgraded_again(url: str) -> None:
    migrate(url)
    assert table_names(url) == {*Base.metadata.tables}

    command.downgrade(alembic_config(url), "base")
    assert table_names(url) == set()

    migrate(url)
    assert table_names(url) == {*Base.metadata.tables}


def test_migrations_and_models_define_the_same_tables(url: str) -> None:
    migrate(url)

    # Raises an error that lists the differences.
    command.check(alembic_config(url))
