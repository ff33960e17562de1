"""Types of values in request bodies."""

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError

from app.core.clock import Day
from app.core.values import FixedPoint, Int32, JsonDocument


class Change(BaseModel):
    """A request body."""

    count: Int32 = 0
    price: Annotated[Decimal, FixedPoint(6, 2)] = Decimal(0)
    due: Day | None = None
    extra: JsonDocument = {}


@pytest.mark.parametrize(
    "fields",
    [
        *({"count": value} for value in ("1", True, 1.5, 2**31)),
        *({"price": value} for value in (True, 1.999, 10**400, "1e2", "12345", "NaN")),
        *({"due": value} for value in (0, "0", "2026-02-30")),
        *({"extra": value} for value in ("", ["\ud800"], {"a": object()})),
    ],
)
def test_value_of_another_type_is_rejected(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Change.model_validate(fields)


@pytest.mark.parametrize(
    ("price", "text"),
    [(0.1 + 0.2, "0.30"), ("-0", "0.00"), (9999.99, "9999.99"), (Decimal("1"), "1.00")],
)
def test_decimal_has_the_places_of_its_column(price: object, text: str) -> None:
    change = Change.model_validate({"price": price})

    assert change.model_dump(mode="json")["price"] == text


def test_bounds_of_a_number_are_documented() -> None:
    count = Change.model_json_schema()["properties"]["count"]

    assert (count["minimum"], count["exclusiveMaximum"]) == (-(2**31), 2**31)
