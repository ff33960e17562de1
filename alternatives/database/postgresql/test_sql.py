"""What is said in different words to different databases."""

import pytest
from sqlalchemy import String, column, make_url, select, table

from app.core.sql import Bytewise, Collected

TAGS = select(column("name", String)).select_from(table("tags"))


@pytest.mark.parametrize(
    ("driver", "words"),
    [
        ("postgresql+asyncpg", "ARRAY(SELECT name FROM tags)"),
        (
            "sqlite+aiosqlite",
            "(SELECT json_group_array(name) FROM (SELECT name FROM tags))",
        ),
    ],
)
def test_a_subquery_becomes_one_column(driver: str, words: str) -> None:
    dialect = make_url(f"{driver}://").get_dialect()()

    collected = str(Collected(TAGS).compile(dialect=dialect))

    assert " ".join(collected.split()) == words


@pytest.mark.parametrize(
    ("driver", "words"),
    [("postgresql+asyncpg", 'name COLLATE "C"'), ("sqlite+aiosqlite", "name")],
)
def test_a_text_is_sorted_alike_everywhere(driver: str, words: str) -> None:
    dialect = make_url(f"{driver}://").get_dialect()()

    assert str(Bytewise(column("name", String)).compile(dialect=dialect)) == words
