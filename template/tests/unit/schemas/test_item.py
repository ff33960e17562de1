"""Request bodies of items."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.schemas.item import ItemCreate, ItemUpdate


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "x" * 121},
        {"name": "\u202e"},
        {"name": "lamp", "colour": "red"},
        {"name": "lamp", "description": "x" * 10_001},
        {"name": "lamp", "tags": [str(number) for number in range(51)]},
    ],
)
def test_invalid_item_is_rejected(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ItemCreate.model_validate(fields)


def test_two_spellings_of_a_tag_are_one_tag() -> None:
    assert ItemCreate(name="lamp", tags=["e\u0301", "é "]).tags == ["é"]


def test_update_contains_only_the_given_fields() -> None:
    change = ItemUpdate.model_validate({"description": None})

    assert change.model_dump(exclude_unset=True) == {"description": None}


@pytest.mark.parametrize("field", ["name", "tags"])
def test_required_field_can_not_be_set_to_null(field: str) -> None:
    with pytest.raises(ValidationError):
        ItemUpdate.model_validate({field: None})
