"""Changes of one item."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import make_transient_to_detached

from app.models.base import new_row
from app.models.item import Item
from tests.factories import make_item

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_apply_changes_only_the_given_fields() -> None:
    item = make_item(name="lamp", description="bright")

    item.apply({"name": "torch"}, NOON)

    assert (item.name, item.description, item.updated_at) == ("torch", "bright", NOON)


def test_apply_replaces_all_tags() -> None:
    item = make_item()
    item.tags = ["old", "warm"]

    item.apply({"tags": ["warm", "new"]}, NOON)

    assert sorted(item.tags) == ["new", "warm"]


def test_tags_are_never_loaded_implicitly() -> None:
    item = make_item(id=UUID(int=1))
    make_transient_to_detached(item)

    with pytest.raises(InvalidRequestError, match="lazy='raise'"):
        _ = item.tag_rows


def test_new_row_rejects_a_value_without_a_column() -> None:
    with pytest.raises(TypeError, match="Item has no columns \\['colour'\\]"):
        new_row(Item, {"name": "lamp", "colour": "red"}, NOON)


def test_row_of_a_tag_that_stays_is_kept() -> None:
    item = make_item()
    item.tags = ["old", "warm"]
    _, warm = item.tag_rows

    item.tags = ["new", "warm"]

    assert warm in item.tag_rows
