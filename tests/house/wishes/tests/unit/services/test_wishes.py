"""The rules about wishes."""

from uuid import UUID

import pytest

from app.services.wishes import WishNotFoundError, WishQueries
from tests.fakes import FakeReader

KEY = UUID(int=1)


async def test_a_wish_that_does_not_exist_is_named_in_the_failure() -> None:
    with pytest.raises(WishNotFoundError, match=str(KEY)):
        await WishQueries(FakeReader()).get(KEY)
