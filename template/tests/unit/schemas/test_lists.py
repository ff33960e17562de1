"""Query parameters of lists."""

from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from app.core.clock import UtcTime
from app.core.text import SortBy
from app.schemas.lists import ListQuery


class BoatQuery(ListQuery):
    """A list with a sort and a filter."""

    sort: Annotated[str, SortBy("name", "seats")] | None = None
    seen_after: UtcTime | None = None


@pytest.mark.parametrize("sort", ["name", "-seats", "name,-seats"])
def test_sort_is_a_list_of_names(sort: str) -> None:
    assert BoatQuery(sort=sort).sort == sort


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"colour": "red"}, "colour", "sort, seen_after"),
        ({"sort": "colour"}, "sort", "name, seats"),
        ({"sort": "name,name,name"}, "sort", "name, seats"),
        ({"seen_after": "1735689600"}, "seen_after", "2026-01-31T12:00:00Z"),
        ({"seen_after": "0001-01-01T00:00:00+14:00"}, "seen_after", "1 to 9999"),
        ({"cursor": "a", "offset": 1}, "", "exclude each other"),
    ],
)
def test_invalid_parameter_is_named_with_what_is_allowed(
    values: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        BoatQuery.model_validate(values)

    [error] = raised.value.errors()
    assert ".".join(map(str, error["loc"])) == field
    assert message in error["msg"]
