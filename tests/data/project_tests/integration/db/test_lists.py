"""Lists: every sort and filter, cursors, and the plan of a deep page."""

import enum
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain, permutations, product
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.errors import InvalidCursorError
from app.db import Database, Row
from app.db.cursor import checksum, decode_cursor, encode_cursor
from app.db.lists import MAX_STATEMENTS, Listing, contains, page_query
from app.db.types import UtcDateTime, enum_type

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAMES = ["Ärger", "arm_1", "arm%2", "ARM 3", "b/a\\c", "zoo", "Zoo 'x'"]
LETTERS = "SELECT", "'; DROP TABLE boats; --", '"', "\\'", "%' OR '1'='1", "__", "%%"


class Size(enum.StrEnum):
    """The size of a boat, whose order is that of the stored texts."""

    SMALL = "small"
    LARGE = "large"


METADATA = sa.MetaData()
BOATS = sa.Table(
    "boats",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("size", enum_type(Size), nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("price", sa.Numeric(12, 2), nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("built_on", sa.Date, nullable=False),
    sa.Column("seen_at", UtcDateTime(), nullable=False),
    sa.Column("sold", sa.Boolean, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("note", sa.Text),
)
SORTABLE = [column.key for column in BOATS.columns if not column.nullable]
BOAT_LIST = Listing(
    sa.select(BOATS),
    key=BOATS.c.id,
    filters={
        "q": contains(BOATS.c.name),
        "seen_after": lambda time: BOATS.c.seen_at > time,
        "size": lambda size: BOATS.c.size == size,
    },
)
PAIRS = [
    ",".join(f"{sign}{name}" for sign, name in zip(signs, names, strict=True))
    for names in permutations(("seats", "seen_at", "price"), 2)
    for signs in product(("", "-"), repeat=2)
]
SINGLE = [f"{sign}{name}" for name in SORTABLE for sign in ("", "-")]
SORTS = [None, *SINGLE, *PAIRS, "seats,-sold,price", "sold,-size,-name,seats"]


def boat(number: int, **values: Any) -> dict[str, Any]:
    """Return a row that shares most of its values with other rows."""
    return {
        "id": UUID(int=number * 7 % 11),
        "name": NAMES[number % 7] + "!" * (number // 7),
        "size": list(Size)[number % 2],
        "seats": number // 3,
        "price": Decimal(number % 3) / 4,
        "weight": number % 2 / 3,
        "built_on": date(2026, 1, 1 + number % 2),
        "seen_at": NOON + timedelta(microseconds=number // 2),
        "sold": number % 4 == 0,
        "serial": 2**40 + number % 2,
        **values,
    }


@pytest.fixture(autouse=True)
async def boats(connection: AsyncConnection) -> None:
    """A table of seven boats."""
    await connection.run_sync(METADATA.create_all)
    await connection.execute(sa.insert(BOATS), [boat(number) for number in range(7)])


async def walk(database: Database, limit: int, **query: Any) -> list[Row]:
    """Return the rows of all pages, read by their cursors."""
    rows: list[Row] = []
    cursor = None
    while True:
        page = await BOAT_LIST.fetch_page(
            database, limit=limit, cursor=cursor, total=False, **query
        )
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            return rows
        assert len(page["items"]) == limit


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_by_cursor_are_those_by_offset(
    sort: str | None, database: Database
) -> None:
    query: dict[str, Any] = {"sort": sort, "total": False}
    whole = await BOAT_LIST.fetch_page(database, limit=7, **query)
    by_offset = [
        (await BOAT_LIST.fetch_page(database, limit=1, offset=number, **query))["items"]
        for number in range(7)
    ]

    assert (len(whole["items"]), whole["total"], whole["next"]) == (7, None, None)
    assert [*chain(*by_offset)] == whole["items"]
    for limit in (1, 2, 3):
        assert await walk(database, limit, sort=sort) == whole["items"]


@pytest.mark.parametrize("name", SORTABLE)
async def test_rows_are_sorted_by_a_column(name: str, database: Database) -> None:
    page = await BOAT_LIST.fetch_page(database, limit=50, sort=name)
    descending = await BOAT_LIST.fetch_page(database, limit=50, sort=f"-{name}")

    assert descending["items"] == page["items"][::-1]
    if name != "name":  # Whose order is that of the server's language.
        values = [row[name] for row in page["items"]]
        assert values == sorted(values)


async def test_walk_meets_each_remaining_row_once(database: Database) -> None:
    first = await BOAT_LIST.fetch_page(database, limit=3, sort="-seats")
    async with database.begin() as transaction:
        await transaction.execute(
            sa.insert(BOATS), boat(9, seats=9, name="new", id=UUID(int=90))
        )
        gone = first["items"][-1]["id"], first["items"][0]["id"]
        await transaction.execute(sa.delete(BOATS).where(BOATS.c.id.in_(gone)))
    cursor = first["next"]
    rest = await BOAT_LIST.fetch_page(database, limit=9, sort="-seats", cursor=cursor)

    names = [row["name"] for row in first["items"] + rest["items"]]
    assert sorted(names) == sorted(NAMES)
    assert (rest["total"], rest["next"]) == (6, None)


@pytest.mark.parametrize(
    ("part", "count"),
    [
        ("ä", 1),
        ("ÄRG", 1),
        ("arm", 3),
        ("_", 1),
        ("%", 1),
        ("/", 1),
        ("\\", 1),
        ("' OR 1=1 --", 0),
        ("OO 'X", 1),
        *((letters, 0) for letters in LETTERS),
    ],
)
async def test_part_of_a_name_is_found_in_any_case(
    part: str, count: int, database: Database
) -> None:
    for _ in range(3):  # Built, compiled, and from the cache.
        page = await BOAT_LIST.fetch_page(database, limit=9, q=part)

        assert len(page["items"]) == page["total"] == count


async def test_filters_are_combined(database: Database) -> None:
    filters: dict[str, Any] = {
        "size": Size.SMALL,
        "sold": True,
        "q": None,
        "seen_after": [],
    }

    page = await BOAT_LIST.fetch_page(database, limit=1, sort="name", **filters)
    rows = await walk(database, 1, sort="name", **filters)

    assert page["total"] == len(rows) == 2
    assert {(row["size"], row["sold"]) for row in rows} == {(Size.SMALL, True)}


async def test_each_value_of_a_list_is_a_condition(database: Database) -> None:
    page = await BOAT_LIST.fetch_page(database, limit=9, q=["arm", "_", "1"])

    assert [row["name"] for row in page["items"]] == ["arm_1"]


async def test_unknown_filter_or_sort_is_an_error(database: Database) -> None:
    with pytest.raises(KeyError, match="colour"):
        await BOAT_LIST.fetch_page(database, limit=9, colour="red")
    with pytest.raises(KeyError, match="colour"):
        await BOAT_LIST.fetch_page(database, limit=9, sort="colour")


async def test_page_behind_the_last_one_has_the_total(database: Database) -> None:
    page = await BOAT_LIST.fetch_page(database, limit=9, offset=100, q="arm")

    assert page == {"items": [], "total": 3, "next": None}


async def cursor_of(database: Database, sort: str | None = None) -> str:
    """Return the cursor of the first page."""
    page = await BOAT_LIST.fetch_page(database, limit=1, sort=sort)
    cursor: str = page["next"]
    return cursor


@pytest.mark.parametrize("sort", [None, "seats", "-seats", "seats,-price", "name"])
async def test_changed_cursor_is_invalid(sort: str | None, database: Database) -> None:
    cursor = await cursor_of(database, sort)
    cut = [cursor[:length] for length in range(0, len(cursor), 7)]
    edited = ["A" + cursor[1:], cursor[:9] + "AA" + cursor[11:], cursor[::-1]]
    strange = ["", " ", "=", "é", "\x00", "%00", "💡", cursor + "AAAA"]
    others = [await cursor_of(database, one) for one in ("sold", "-price", "-name")]

    for wrong in [*cut, *edited, *strange, *others]:
        with pytest.raises(InvalidCursorError):
            await BOAT_LIST.fetch_page(database, limit=1, sort=sort, cursor=wrong)


def test_cursor_of_another_list_is_invalid() -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor("boats.id", encode_cursor("ships.id", [1]), [BOATS.c.seats])


@pytest.mark.parametrize(
    ("sort", "position"),
    [
        ("seats", b"[2147483648,null]"),
        ("seats", b"[1]"),
        ("seats", b'{"seats":1}'),
        ("seats", b"[1"),
        ("seats", b"[true,[]]"),
        ("serial", b'[9223372036854775808,"0"]'),
        ("name", b'["a\\u0000"]'),
        ("name", b'["\\ud800"]'),
        ("name", b"[null]"),
        ("size", b'["huge",""]'),
        ("built_on", b'["2026-13-01",""]'),
        ("seen_at", b'["2026-01-01T00:00:00",""]'),
        ("seen_at", b'["0001-01-01T00:00:00+14:00",""]'),
        ("price", b'["NaN",""]'),
        ("price", b'["1E+999999","00000000-0000-0000-0000-000000000001"]'),
        (None, b'["not-a-key"]'),
    ],
)
async def test_forged_cursor_is_invalid(
    sort: str | None, position: bytes, database: Database
) -> None:
    data = checksum(f"{BOAT_LIST.key} {sort}", position) + position
    forged = urlsafe_b64encode(data).decode().rstrip("=")

    with pytest.raises(InvalidCursorError):
        await BOAT_LIST.fetch_page(database, limit=1, sort=sort, cursor=forged)


async def test_statements_of_a_list_are_limited(database: Database) -> None:
    for count in range(MAX_STATEMENTS + 20):
        page_query(BOAT_LIST, "name", ("sold_0",) * count, False, False)

    assert page_query.cache_info().currsize == MAX_STATEMENTS
