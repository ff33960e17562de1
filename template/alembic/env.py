"""Alembic environment: runs the migrations on the database of the settings."""

import asyncio
import re
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import AddConstraintOp, DropConstraintOp, ModifyTableOps
from alembic.runtime.migration import MigrationContext
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import CheckConstraint, Column, Connection, Enum, Table, TypeDecorator
from sqlalchemy.schema import conv

from app.core.config import Settings
from app.db.factory import create_migration_engine
from app.models import Base


def database_url() -> str:
    """Return the URL that the caller of Alembic has set, or the one in the settings."""
    url = context.config.attributes.get("url")
    return str(url or Settings.read().database.url.get_secret_value())


def render_item(
    kind: str, element: object, autogen_context: AutogenContext
) -> str | Literal[False]:
    """Return the source of a type or CHECK constraint, or False for Alembic's own.

    A migration never imports the application, so its types are SQLAlchemy's own. An
    enum is a string and a CHECK constraint, which a later migration can replace.
    """
    if kind == "type" and isinstance(element, TypeDecorator):
        return f"sa.{element.impl_instance!r}"
    if kind == "type" and isinstance(element, Enum) and not element.native_enum:
        return f"sa.String(length={element.length})"
    if (
        kind == "check"
        and isinstance(element, CheckConstraint)
        and is_enum_check(element)
    ):
        names = {"table_name": element.table.name, "constraint_name": element.name}
        name = str(Base.metadata.naming_convention.get("ck")) % names
        sql = check_sql(element, autogen_context)
        return f"sa.CheckConstraint({sql!r}, name=op.f({name!r}))"
    return False


def is_enum_check(check: CheckConstraint) -> bool:
    """Return whether a CHECK constraint of the models is about one enum column."""
    return [isinstance(column.type, Enum) for column in check.columns] == [True]


def check_sql(check: CheckConstraint, autogen_context: AutogenContext) -> str:
    """Return the condition of a CHECK constraint of the models."""
    options = {"literal_binds": True, "include_table": False}
    dialect = autogen_context.dialect
    return str(check.sqltext.compile(dialect=dialect, compile_kwargs=options))


def portable_sql(sql: str) -> str:
    """Return a condition that every database can parse.

    A server stores `kind IN ('a', 'b')` as `kind::text = ANY (ARRAY['a'::…, 'b'::…])`.
    """
    sql = re.sub(r"::[a-z]+( [a-z]+)*(\[\])?", "", sql)
    return re.sub(r"= ANY \(+ARRAY\[(.*?)\]\)+", r"IN (\1)", sql)


def terms(sql: str) -> set[str]:
    """Return the column and the values of a condition such as `kind IN ('a', 'b')`."""
    return {*re.findall(r"'(?:[^']|'')*'|\w+", portable_sql(sql))} - {"IN"}


def compare_checks(
    autogen_context: AutogenContext,
    changes: ModifyTableOps,
    schema: str | None,
    table_name: str,
    database_table: Table | None,
    model_table: Table | None,
) -> PriorityDispatchResult:
    """Find added and removed CHECK constraints, and changed members of enums.

    Alembic compares the other kinds of constraints. Other changes of a condition are
    not found, since each database stores it in a form of its own: give the constraint
    a new name when its condition changes.
    """
    if database_table is None or model_table is None:
        return PriorityDispatchResult.CONTINUE
    checks = [c for c in model_table.constraints if isinstance(c, CheckConstraint)]
    wanted = {str(check.name): check for check in checks}
    reflected = autogen_context.inspector.get_check_constraints(table_name, schema)
    found = {c["name"]: c["sqltext"] for c in reflected if c["name"] is not None}
    unchanged = {
        name
        for name in wanted.keys() & found.keys()
        if not is_enum_check(wanted[name])
        or terms(check_sql(wanted[name], autogen_context)) == terms(found[name])
    }
    for name in sorted(found.keys() - unchanged):
        sql = portable_sql(found[name])
        old = CheckConstraint(sql, name=conv(name), table=database_table)
        changes.ops.append(DropConstraintOp.from_constraint(old))
    for name in sorted(wanted.keys() - unchanged):
        changes.ops.append(AddConstraintOp.from_constraint(wanted[name]))
    return PriorityDispatchResult.CONTINUE


def compare_default(
    _context: MigrationContext,
    _database_column: Column[Any],
    _model_column: Column[Any],
    database_default: str | None,
    _model_default: object,
    rendered_default: str | None,
) -> bool | None:
    """Return False if both defaults are the empty string, else None: Alembic compares.

    SQLite reports the empty string with its quotes, and after a rebuild of the table in
    parentheses. Alembic takes both for a difference.
    """
    both = (database_default or "").strip("()"), rendered_default
    return False if both in {("''", ""), ("''", "''")} else None


def options() -> dict[str, Any]:
    """Return the options of online and offline mode."""
    return {
        "target_metadata": Base.metadata,
        "render_item": render_item,
        "compare_server_default": compare_default,
        # SQLite can alter little in place, so a batch rebuilds the table there. On a
        # database server a batch is a plain ALTER TABLE.
        "render_as_batch": True,
        # Alembic assumes that SQLite can not roll back DDL. It can, since the engine
        # of migrations begins transactions itself.
        "transactional_ddl": True,
    }


def run(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    # A second plugin of the same name is an error, and tests load this file often.
    plugin = Plugin("app.check_constraints")
    plugin.add_autogenerate_comparator(compare_checks, "table", "check_constraints")
    try:
        context.configure(
            connection=connection,
            autogenerate_plugins=["alembic.autogenerate.*", plugin.name],
            **options(),
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        plugin.remove()


async def run_online() -> None:
    """Connect to the database and run the migrations."""
    engine = create_migration_engine(database_url())
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def run_offline() -> None:
    """Print the SQL of the migrations, for a database administrator to run.

    Raises:
        CommandError: A migration rebuilds a table on SQLite. Alembic has to read the
            table first, so such a migration can only run online.
    """
    context.configure(url=database_url(), literal_binds=True, **options())
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    asyncio.run(run_online())
