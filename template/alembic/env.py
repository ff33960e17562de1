"""Alembic environment: runs the migrations on the database of the settings."""

import asyncio
import re
from collections import defaultdict
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from alembic.runtime.plugins import Plugin
from alembic.util import CommandError, PriorityDispatchResult
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
    if kind == "type" and isinstance(element, sa.TypeDecorator):
        return f"sa.{element.impl_instance!r}"
    if kind == "type" and isinstance(element, sa.Enum) and not element.native_enum:
        return f"sa.String(length={element.length})"
    if (
        kind == "check"
        and isinstance(element, sa.CheckConstraint)
        and is_enum_check(element)
    ):
        names = {"table_name": element.table.name, "constraint_name": element.name}
        name = str(Base.metadata.naming_convention.get("ck")) % names
        sql = check_sql(element, autogen_context)
        return f"sa.CheckConstraint({sql!r}, name=op.f({name!r}))"
    return False


def is_enum_check(check: sa.CheckConstraint) -> bool:
    """Return whether a CHECK constraint of the models is about one enum column."""
    return [isinstance(column.type, sa.Enum) for column in check.columns] == [True]


def require_enum_type(table: sa.Table) -> None:
    """Raise CommandError for an enum whose members no migration could change.

    A native enum of a server keeps removed members, and SQLite has none.
    """
    for column in table.columns:
        kind = getattr(column.type, "item_type", column.type)
        is_checked = kind is column.type and getattr(kind, "create_constraint", False)
        if isinstance(kind, sa.Enum) and (kind.native_enum or not is_checked):
            raise CommandError(
                f"{table.name}.{column.name}: an enum is stored as text with a CHECK "
                "constraint. Give the column the type enum_type(…) of app.db.types, "
                "and store a list of members as STRING_LIST"
            )


def check_sql(check: sa.CheckConstraint, autogen_context: AutogenContext) -> str:
    """Return the condition of a CHECK constraint of the models, for a migration.

    Keywords of the SQL standard are quoted, too, since the next database may know them.
    """
    options = {"literal_binds": True, "include_table": False}
    dialects = (None, autogen_context.dialect)
    compiled = [
        check.sqltext.compile(None, it, compile_kwargs=options) for it in dialects
    ]
    return escape_colons(max(map(str, compiled), key=len))


def portable_sql(sql: str) -> str:
    """Return a condition that every database can parse, for a migration.

    A server stores `kind IN ('a', 'b')` as `kind::text = ANY (ARRAY['a'::…, 'b'::…])`.
    """
    text = "'(?:[^']|'')*'"
    sql = re.sub(rf"({text})|::[a-z]+(?: [a-z]+)*(?:\[\])?", r"\1", sql)
    sql = re.sub(rf"= ANY \(+ARRAY\[((?:{text}|[^]'])*)\]\)+", r"IN (\1)", sql)
    return escape_colons(sql)


def escape_colons(sql: str) -> str:
    """Return SQL whose `:a` is no parameter in a migration."""
    return sql.replace(":", "\\:")


def terms(sql: str) -> set[str]:
    """Return the column and the values of a condition such as `kind IN ('a', 'b')`."""
    return {*re.findall(r"'(?:[^']|'')*'|\w+", sql)} - {"IN"}


def named_check(name: str, sql: str, table: sa.Table) -> sa.CheckConstraint:
    """Return a CHECK constraint of a reflected table, to drop or to create."""
    return sa.CheckConstraint(sa.literal_column(sql), name=conv(name), table=table)


def compare_checks(
    autogen_context: AutogenContext,
    changes: ops.ModifyTableOps,
    schema: str | None,
    table_name: str,
    database_table: sa.Table | None,
    model_table: sa.Table | None,
) -> PriorityDispatchResult:
    """Find added and removed CHECK constraints, and changed members of enums.

    Alembic compares the other kinds of constraints. Other changes of a condition are
    not found, since each database stores it in a form of its own: give the constraint
    a new name when its condition changes.
    """
    if model_table is not None:
        require_enum_type(model_table)
    if database_table is None or model_table is None:
        return PriorityDispatchResult.CONTINUE
    checks = [c for c in model_table.constraints if isinstance(c, sa.CheckConstraint)]
    wanted = {str(check.name): check for check in checks}
    reflected = autogen_context.inspector.get_check_constraints(table_name, schema)
    found = {c["name"]: portable_sql(c["sqltext"]) for c in reflected if c["name"]}
    unchanged = {
        name
        for name in wanted.keys() & found.keys()
        if not is_enum_check(wanted[name])
        or terms(check_sql(wanted[name], autogen_context)) == terms(found[name])
    }
    for name in sorted(found.keys() - unchanged):
        old = named_check(name, found[name], database_table)
        changes.ops.append(ops.DropConstraintOp.from_constraint(old))
    for name in sorted(wanted.keys() - unchanged):
        sql = check_sql(wanted[name], autogen_context)
        new = named_check(name, sql, database_table)
        changes.ops.append(ops.AddConstraintOp.from_constraint(new))
    return PriorityDispatchResult.CONTINUE


def compare_default(
    _context: MigrationContext,
    _database_column: sa.Column[Any],
    _model_column: sa.Column[Any],
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


def confirm_drops(
    _context: MigrationContext, _revision: object, directives: list[ops.MigrationScript]
) -> None:
    """Raise CommandError if a generated migration drops a column or a table.

    Alembic takes a renamed column for one that is dropped and one that is added.
    `-x drop=1` confirms that the drop is intended, or will be edited.
    """
    is_generated = getattr(context.config.cmd_opts, "autogenerate", False)
    operations = directives[0].upgrade_ops
    if not is_generated or operations is None:
        return
    found = defaultdict[str, list[str]](list)
    changes: list[Any] = operations.as_diffs()
    for change in changes:
        if change[0] in ("add_table", "remove_table"):
            found[change[0]].append(change[1].name)
        elif change[0] in ("add_column", "remove_column"):
            found[change[0]].append(f"{change[2]}.{change[3].name}")
    dropped = ", ".join(found["remove_table"] + found["remove_column"])
    added = ", ".join(found["add_table"] + found["add_column"])
    if dropped and not context.get_x_argument(as_dictionary=True).get("drop"):
        raise CommandError(
            f"this migration would delete the data of {dropped}, and add "
            f"{added or 'nothing'}. To generate it nevertheless, for a drop or to edit "
            'it for a rename: make migration m="…" drop=1. docs/database.md shows how '
            "a migration renames a column or table"
        )


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


def run(connection: sa.Connection) -> None:
    """Run the migrations on an open connection."""
    # A second plugin of the same name is an error, and tests load this file often.
    plugin = Plugin("app.check_constraints")
    plugin.add_autogenerate_comparator(compare_checks, "table", "check_constraints")
    try:
        context.configure(
            connection=connection,
            autogenerate_plugins=["alembic.autogenerate.*", plugin.name],
            process_revision_directives=confirm_drops,
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
