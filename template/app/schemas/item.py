"""Request and response bodies of items."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.core.clock import UtcTime
from app.core.text import MultiLine, SingleLine, SortBy
from app.schemas.base import Page, RequestModel, ResponseModel
from app.schemas.lists import ListQuery


def drop_duplicates(names: list[str]) -> list[str]:
    """Return the names without repetitions, in their order."""
    return list(dict.fromkeys(names))


Name = Annotated[str, SingleLine(120)]
Description = Annotated[str, MultiLine(10_000)]
TagName = Annotated[str, SingleLine(64)]
Tags = Annotated[list[TagName], Field(max_length=50), AfterValidator(drop_duplicates)]


class ItemCreate(RequestModel):
    """A new item."""

    name: Name
    description: Description | None = None
    tags: Tags = []


class ItemUpdate(RequestModel):
    """The fields to change; `tags` replaces the whole list."""

    # Only given fields are stored, never these defaults. As factories they do not
    # appear in the OpenAPI schema, and the fields are not nullable there.
    name: Name = Field(default_factory=str)
    description: Description | None = None
    tags: Tags = Field(default_factory=list)


class ItemRead(ResponseModel):
    """An item, its tags sorted by name."""

    id: UUID
    name: str
    description: str | None
    tags: Annotated[list[str], AfterValidator(sorted)]
    created_at: datetime
    updated_at: datetime


class ItemQuery(ListQuery):
    """Which items a list has, and in which order: oldest first by default."""

    sort: Annotated[str, SortBy("created_at", "updated_at", "name")] | None = None
    q: Annotated[Name, Field(description="A part of the name.")] | None = None
    tag: Annotated[list[TagName], Field(max_length=10)] = []
    created_after: UtcTime | None = None
    created_before: UtcTime | None = None


class ItemPage(Page[ItemRead]):
    """One page of the items."""
