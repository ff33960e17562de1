"""The rules that one item follows."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import make_transient_to_detached

from tests.factories import make_item

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_only_the_given_members_change() -> None:
    item = make_item(name="lamp", description="bright")

    item.change({"name": "torch"}, NOON)

    assert (item.name, item.description, item.updated_at) == ("torch", "bright", NOON)


def test_tags_are_replaced_as_a_whole() -> None:
    item = make_item()
    item.retag(["old", "warm"])

    item.change({"tags": ["warm", "new"]}, NOON)

    assert item.tags == ["new", "warm"]


def test_the_row_of_a_tag_that_stays_is_kept() -> None:
    item = make_item()
    item.retag(["old", "warm"])
    _, warm = item.labels

    item.retag(["new", "warm"])

    assert warm in item.labels


def test_labels_are_never_loaded_by_accident() -> None:
    item = make_item(id=UUID(int=1))
    make_transient_to_detached(item)

    with pytest.raises(InvalidRequestError, match="lazy='raise'"):
        _ = item.labels
