"""Wishes as the outside writes and reads them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import LINE, Answer, Request


class WishCreate(Request):
    """A new wish."""

    words: Annotated[str, Field(min_length=1, max_length=120, pattern=LINE)]


class WishRead(Answer):
    """A wish."""

    id: UUID
    words: str
