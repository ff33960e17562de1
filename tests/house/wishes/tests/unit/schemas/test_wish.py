"""A wish as the outside reads it."""

from uuid import UUID

from app.schemas.wish import WishRead
from tests.wish_factories import make_wish

KEY = UUID(int=1)


def test_a_wish_is_answered_with_its_key_and_words() -> None:
    wish = make_wish(id=KEY)

    assert WishRead.model_validate(wish) == WishRead(id=KEY, words="a lamp")
