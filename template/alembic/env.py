"""How migrations run: one at a time, on the database of the settings."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, TypeDecorator

from app.core.config import read_settings
from app.core.opening import create_migrating_engine
from app.models import Base


def database_url() -> str:
    """Return the address that a caller has set, or the one in the settings."""
    given = context.config.attributes.get("url")
    return str(given or read_settings().database.url.get_secret_value())


def render_type(
    kind: str, value: object, _context: AutogenContext
) -> str | Literal[False]:
    """Write plain types: a migration never imports the application."""
    if kind == "type" and isinstance(value, TypeDecorator):
        return f"sa.{value.impl_instance!r}"
    return False


def options() -> dict[str, Any]:
    """Return what every way of running shares."""
    return {
        "target_metadata": Base.metadata,
        "render_item": render_type,
        "compare_server_default": True,
        # Alembic does not know that SQLite can do it, too: all steps or none.
        "transactional_ddl": True,
    }


def run(connection: Connection) -> None:
    """Migrate on an open connection."""
    # SQLite changes little of a table: others are made anew.
    rebuilds = connection.dialect.name == "sqlite"
    context.configure(connection=connection, render_as_batch=rebuilds, **options())
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Connect and migrate."""
    engine = create_migrating_engine(database_url())
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def run_offline() -> None:
    """Print the SQL instead, for somebody who runs it by hand."""
    context.configure(url=database_url(), literal_binds=True, **options())
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    asyncio.run(run_online())
