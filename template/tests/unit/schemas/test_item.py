"""Which items are taken in."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.schemas.item import ItemCreate, ItemUpdate


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"name": None},
        {"name": ""},
        {"name": "   "},
        {"name": "\u00a0"},
        {"name": "x" * 121},
        {"name": "two\nlines"},
        {"name": "bell\x07"},
        {"name": "nul\x00"},
        {"name": "half \ud800"},
        {"name": "lamp", "colour": "red"},
        {"name": "lamp", "description": "nul\x00"},
        {"name": "lamp", "description": "x" * 10_001},
        {"name": "lamp", "tags": None},
        {"name": "lamp", "tags": "warm"},
        {"name": "lamp", "tags": [""]},
        {"name": "lamp", "tags": ["x" * 65]},
        {"name": "lamp", "tags": ["two\nlines"]},
        {"name": "lamp", "tags": [str(number) for number in range(51)]},
    ],
)
def test_what_can_not_be_stored_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ItemCreate.model_validate(members)


@pytest.mark.parametrize("name", ["x", "x" * 120, "a b", "lampe à huile", "灯", "💡"])
def test_a_name_is_one_visible_line(name: str) -> None:
    assert ItemCreate(name=name).name == name


def test_space_around_names_is_dropped() -> None:
    item = ItemCreate(name=" lamp ", tags=[" warm ", "warm"])

    assert (item.name, item.tags) == ("lamp", ["warm"])


def test_a_description_may_have_lines() -> None:
    assert ItemCreate(name="lamp", description="a\nb\t").description == "a\nb\t"


def test_a_change_holds_only_what_was_given() -> None:
    change = ItemUpdate.model_validate({"description": None})

    assert change.model_dump(exclude_unset=True) == {"description": None}


@pytest.mark.parametrize("member", ["name", "tags"])
def test_a_change_does_not_take_away_what_every_item_has(member: str) -> None:
    with pytest.raises(ValidationError):
        ItemUpdate.model_validate({member: None})
