"""Migrations: one history, whose every revision migrates tables with rows."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import to_tuple
from sqlalchemy import Connection, inspect

from app.db.factory import create_migration_engine
from app.models import Base
from tests.factories import EMPTY_UNTIL
from tests.support.databases import alembic_config, new_database
from tests.support.rows import insert_rows

# Alembic is not async: it runs before the service, not in it.
pytestmark = pytest.mark.blocks
ADVICE = (
    "add a column with a server_default, or as nullable and fill it; "
    "change or delete the rows that a new constraint, type or length rejects"
)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with new_database(tmp_path) as url:
        yield url


def run_in_transaction[T](url: str, function: Callable[[Connection], T]) -> T:
    """Call a function with a connection, and commit."""

    async def connect() -> T:
        engine = create_migration_engine(url)
        async with engine.begin() as connection:
            result = await connection.run_sync(function)
        await engine.dispose()
        return result

    return asyncio.run(connect())


def table_names(url: str) -> set[str]:
    """Return the names of the tables in a database, without Alembic's own."""
    names = run_in_transaction(url, lambda one: inspect(one).get_table_names())
    return {*names} - {"alembic_version"}


def fill(url: str, names: set[str]) -> None:
    """Insert rows into tables, as the schema of the current revision allows them."""
    run_in_transaction(url, lambda one: insert_rows(one, names))


# Reflection warns of types and indexes that it does not know.
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_every_revision_migrates_rows_up_and_down_and_up_again(url: str) -> None:
    config, has_rows = alembic_config(url), EMPTY_UNTIL is None
    for script in reversed([*ScriptDirectory.from_config(config).walk_revisions()]):
        parent, *_ = to_tuple(script.down_revision, ("base",))
        before = table_names(url)
        fill(url, before if has_rows else set())
        try:
            command.upgrade(config, script.revision)
            fill(url, table_names(url) - before if has_rows else set())
            command.downgrade(config, f"{script.revision}@{parent}")
            assert table_names(url) == before
            command.upgrade(config, script.revision)
        except Exception as error:
            error.add_note(f"{script.path} fails on tables that have rows: {ADVICE}")
            raise
        has_rows = has_rows or script.revision == EMPTY_UNTIL

    assert table_names(url) == {*Base.metadata.tables}
