"""Factories of wishes for tests."""

from typing import Any

from app.models.wish import Wish


def make_wish(**overrides: Any) -> Wish:
    """Create a wish."""
    fields: dict[str, Any] = {"words": "a lamp"}
    return Wish(**fields | overrides)
