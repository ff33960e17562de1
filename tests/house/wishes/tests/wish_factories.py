"""Data for tests about wishes."""

from typing import Any

from app.models.wish import Wish


def make_wish(**overrides: Any) -> Wish:
    """Make a wish."""
    members: dict[str, Any] = {"words": "a lamp"}
    return Wish(**members | overrides)
