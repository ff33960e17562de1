"""Request and response bodies of wishes."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from app.schemas.wish import WishCreate, WishRead
from tests.wish_factories import make_wish

KEY = UUID(int=1)


def test_wish_is_read_from_a_row() -> None:
    wish = make_wish(id=KEY)
    row = {"id": wish.id, "words": wish.words, "votes": []}

    expected = WishRead(id=KEY, words="a lamp", votes=[])
    assert WishRead.model_validate(row) == expected


@pytest.mark.parametrize("words", ["", "two\nlines", "x" * 121])
def test_words_are_one_line(words: str) -> None:
    with pytest.raises(ValidationError):
        WishCreate(words=words)
