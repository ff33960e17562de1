"""What SQLAlchemy has no words of its own for."""

from sqlalchemy import String, column, make_url, select, table

from app.core.sql import Bytewise, Collected

DIALECT = make_url("sqlite+aiosqlite://").get_dialect()()
TAGS = select(column("name", String)).select_from(table("tags"))


def test_a_subquery_becomes_one_column() -> None:
    collected = str(Collected(TAGS).compile(dialect=DIALECT))

    assert " ".join(collected.split()) == (
        "(SELECT json_group_array(name) FROM (SELECT name FROM tags))"
    )


def test_a_text_is_sorted_as_python_does() -> None:
    order = Bytewise(column("name", String))

    assert str(order.compile(dialect=DIALECT)) == "name COLLATE BINARY"
