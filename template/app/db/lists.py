"""Lists: filtered, sorted, and read page by page."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from app.db.cursor import decode_cursor, encode_cursor
from app.db.database import Params, Queries, Row
from app.db.types import LowerCase

type Column = sa.ColumnElement[Any]
type Condition = sa.ColumnElement[bool]
type Filter = Callable[[sa.BindParameter[Any]], Condition]
type Query = sa.Select[*tuple[Any, ...]]
# Columns, and whether each of them descends.
type Order = list[tuple[Column, bool]]

# Statements that a process keeps: a list has one for each set of filters and each sort.
MAX_STATEMENTS = 256


@dataclass(frozen=True, eq=False)
class Listing:
    """A list that is read page by page.

    Attributes:
        query: Selects the columns of a row.
        key: The primary key: it is the default order, and breaks ties.
        filters: Conditions by name, each a function of a parameter. A filter with the
            name of a column needs none: it selects the rows with an equal value.
    """

    query: Query
    key: Any
    filters: Mapping[str, Filter] = field(default_factory=dict[str, Filter])

    async def fetch_page(
        self,
        db: Queries,
        *,
        limit: int,
        offset: int = 0,
        cursor: str | None = None,
        sort: str | None = None,
        total: bool = True,
        **filters: Any,
    ) -> dict[str, Any]:
        """Return a page: `items`, `total` (None if not counted) and the cursor `next`.

        A sort is a comma-separated text of columns that are never NULL; `-` before one
        means descending. A filter whose value is None has no effect. If it is a list,
        each of its values is a condition.

        Raises:
            InvalidCursorError: The cursor is not one of this list and sort.
        """
        values = to_parameters(filters)
        position = self._read_cursor(sort, cursor)
        query = page_query(self, sort, (*values,), bool(position), total)
        # One more than asked for shows whether there is another page.
        limits = {"limit": limit + 1, "offset": offset}
        rows = await db.fetch(query, **values, **position, **limits)
        return {
            "items": rows[:limit],
            "total": await self._count(db, rows, values) if total else None,
            "next": self._cursor(sort, rows[limit - 1]) if rows[limit:] else None,
        }

    async def _count(self, db: Queries, rows: list[Row], values: Params) -> int:
        if rows:
            return int(rows[0]["list_total"])
        # A page behind the last one has no row that could hold the total.
        return int(await db.fetchval(count_query(self, (*values,)), **values))

    def _cursor(self, sort: str | None, row: Row) -> str:
        values = [row[str(column.key)] for column, _ in self.order(sort)]
        return encode_cursor(self._scope(sort), values)

    def _read_cursor(self, sort: str | None, cursor: str | None) -> Params:
        if cursor is None:
            return {}
        columns = [column for column, _ in self.order(sort)]
        values = decode_cursor(self._scope(sort), cursor, columns)
        return {f"cursor_{number}": value for number, value in enumerate(values)}

    def _scope(self, sort: str | None) -> str:
        return f"{self.key} {sort}"

    def order(self, sort: str | None) -> Order:
        """Return the columns of a sort, with the key if none of them is unique."""
        order: Order = []
        for name in sort.split(",") if sort else []:
            column = self.query.selected_columns[name.removeprefix("-")]
            order.append((column, name.startswith("-")))
            if column.unique:
                return order
        return [*order, (self.key, order[-1][1] if order else False)]

    def condition(self, parameter: str) -> Condition:
        """Return the condition on a parameter: `tag_1` is the second value of `tag`."""
        name, _, _ = parameter.rpartition("_")
        bound: sa.BindParameter[Any] = sa.bindparam(parameter)
        if name in self.filters:
            return self.filters[name](bound)
        return self.query.selected_columns[name] == bound


def to_parameters(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Name each value of a filter: `{"tag": ["a", "b"]}` is `tag_0` and `tag_1`."""
    lists = {name: as_list(given) for name, given in filters.items()}
    return {
        f"{name}_{number}": value
        for name, values in lists.items()
        for number, value in enumerate(values)
    }


def as_list(given: Any) -> list[Any]:
    """Return the values of a filter."""
    if given is None:
        return []
    values: list[Any] = [*given] if isinstance(given, list) else [given]
    return values


@lru_cache(MAX_STATEMENTS)
def count_query(listing: Listing, parameters: tuple[str, ...]) -> Query:
    """Return the statement that counts the rows with these filter parameters."""
    conditions = map(listing.condition, parameters)
    return listing.query.where(*conditions).with_only_columns(
        sa.func.count(), maintain_column_froms=True
    )


@lru_cache(MAX_STATEMENTS)
def page_query(
    listing: Listing,
    sort: str | None,
    parameters: tuple[str, ...],
    has_cursor: bool,
    has_total: bool,
) -> Query:
    """Return the statement of a page, whose rows hold the total, if asked for."""
    order = listing.order(sort)
    query = listing.query.where(*map(listing.condition, parameters))
    if has_cursor:
        query = query.where(is_behind(order, 0))
    if has_total:
        count = count_query(listing, parameters).correlate(None).scalar_subquery()
        query = query.add_columns(count.label("list_total"))
    columns = [column.desc() if descends else column for column, descends in order]
    query = query.order_by(*columns).limit(sa.bindparam("limit", type_=sa.Integer))
    return query.offset(sa.bindparam("offset", type_=sa.Integer))


def is_behind(order: Order, first: int) -> Condition:
    """Return the condition for the rows behind a cursor, from one column on.

    Each form begins with what an index can find: a comparison of rows if all columns
    are sorted in one direction, or else of the first column.
    """
    columns, directions = zip(*order[first:], strict=True)
    values: list[Column] = [
        sa.bindparam(f"cursor_{number}", type_=column.type)
        for number, column in enumerate(columns, first)
    ]
    column, value, descends = columns[0], values[0], directions[0]
    if len({*directions}) == 1:
        row, position = sa.tuple_(*columns), sa.tuple_(*values)
        return row < position if descends else row > position
    reached = column <= value if descends else column >= value
    passed = column < value if descends else column > value
    return sa.and_(reached, sa.or_(passed, is_behind(order, first + 1)))


def contains(column: Any) -> Filter:
    """Return a filter for texts that contain a part, in upper or lower case."""

    def condition(part: sa.BindParameter[Any]) -> Condition:
        pattern = sa.type_coerce(part, LikePattern())
        return LowerCase(column).contains(LowerCase(pattern), escape="/")

    return condition


class LikePattern(sa.TypeDecorator[str]):
    """A text for LIKE, whose wildcards are escaped with `/`."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Escape the wildcards."""
        return value and re.sub("([%_/])", r"/\1", value)
