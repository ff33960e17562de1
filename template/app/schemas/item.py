"""Items as the outside writes and reads them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.schemas.base import LINE, TEXT, Answer, Request


def unique(names: list[str]) -> list[str]:
    """Take a name that is given twice once."""
    return list(dict.fromkeys(names))


ItemName = Annotated[
    str, Field(min_length=1, max_length=120, pattern=LINE), AfterValidator(str.strip)
]
TagName = Annotated[
    str, Field(min_length=1, max_length=64, pattern=LINE), AfterValidator(str.strip)
]
Description = Annotated[str, Field(max_length=10_000, pattern=TEXT)]
Tags = Annotated[list[TagName], Field(max_length=50), AfterValidator(unique)]


class ItemCreate(Request):
    """A new item."""

    name: ItemName
    description: Description | None = None
    tags: Tags = []


class ItemUpdate(Request):
    """The members to change; the others stay. `tags` replaces the whole list."""

    # Only what was given counts, so these defaults are never stored; made by a
    # factory they are not published either.
    name: ItemName = Field(default_factory=str)
    description: Description | None = None
    tags: Tags = Field(default_factory=list)


class ItemRead(Answer):
    """An item, its tags in order of their names."""

    id: UUID
    name: str
    description: str | None
    tags: list[str]
    created_at: datetime
    updated_at: datetime


class ItemPage(Answer):
    """Some of the items, and how many there are."""

    items: list[ItemRead]
    total: int
