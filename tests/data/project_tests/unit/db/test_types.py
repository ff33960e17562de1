"""Column types and constructs, compiled for PostgreSQL and SQLite."""

from sqlalchemy import String, column, make_url, select, table

from app.db.types import ArraySubquery, UtcDateTime
from tests.support.postgresql import DIALECT as POSTGRESQL

SQLITE = make_url("sqlite+aiosqlite://").get_dialect()()
TAGS = select(column("name", String)).select_from(table("tags"))


def test_only_sqlite_converts_datetimes() -> None:
    assert UtcDateTime().result_processor(SQLITE, None) is not None
    assert UtcDateTime().result_processor(POSTGRESQL, None) is None


def test_array_subquery_is_one_column() -> None:
    on_postgresql = str(ArraySubquery(TAGS).compile(dialect=POSTGRESQL))
    on_sqlite = str(ArraySubquery(TAGS).compile(dialect=SQLITE))

    assert on_postgresql.split() == "ARRAY(SELECT name FROM tags)".split()
    assert on_sqlite.split() == (
        "(SELECT json_group_array(name) FROM (SELECT name FROM tags))".split()
    )
