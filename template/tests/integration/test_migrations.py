"""The schema as migrations build it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from app.models import Base
from tests.databases import alembic_config, migrate
from tests.places import new_database

# Alembic is not async: it runs before the service, not in it.
pytestmark = pytest.mark.blocks


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with new_database(tmp_path) as url:
        yield url


def tables(url: str) -> set[str]:
    """Name the tables of a database, but for Alembic's own."""

    def names(connection: Connection) -> set[str]:
        return {*inspect(connection).get_table_names()} - {"alembic_version"}

    async def look() -> set[str]:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            found = await connection.run_sync(names)
        await engine.dispose()
        return found

    return asyncio.run(look())


def test_history_has_one_end(url: str) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(url))

    assert len(scripts.get_heads()) <= 1


def test_every_step_can_be_taken_back_and_again(url: str) -> None:
    migrate(url)
    assert tables(url) == {*Base.metadata.tables}

    command.downgrade(alembic_config(url), "base")
    assert tables(url) == set()

    migrate(url)
    assert tables(url) == {*Base.metadata.tables}


def test_models_and_migrations_say_the_same(url: str) -> None:
    migrate(url)

    # Raises, and lists the differences.
    command.check(alembic_config(url))


def test_the_sql_can_be_printed_for_somebody_else_to_run(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command.upgrade(alembic_config(url), "head", sql=True)

    printed = capsys.readouterr().out
    assert [name for name in Base.metadata.tables if name not in printed] == []
    assert tables(url) == set()
