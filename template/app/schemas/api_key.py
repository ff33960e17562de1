"""Request and response bodies of API keys."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from app.core.clock import UtcTime, utc_now
from app.core.permissions import Permission
from app.core.text import SingleLine
from app.schemas.base import Page, RequestModel, ResponseModel

LIFETIME = timedelta(days=90)


def split_scopes(value: object) -> object:
    """Return the scopes of a row, which are separated by spaces."""
    return value.split() if isinstance(value, str) else value


Scopes = Annotated[
    list[Permission],
    Field(min_length=1, max_length=100, description="What the key may do."),
    AfterValidator(lambda scopes: sorted({*scopes})),
]
Expiry = Annotated[
    UtcTime | None,
    Field(
        default_factory=lambda: utc_now() + LIFETIME,
        description="In 90 days, if it is left out; null: never.",
    ),
]


class ApiKeyCreate(RequestModel):
    """A new API key."""

    name: Annotated[str, SingleLine(120)]
    scopes: Scopes
    expires_at: Expiry


class ApiKeyRead(ResponseModel):
    """An API key, without its secret."""

    id: UUID
    name: str
    # The beginning of the key.
    prefix: str
    scopes: Annotated[list[str], BeforeValidator(split_scopes)]
    created_at: datetime
    expires_at: datetime | None
    # To the minute.
    last_used_at: datetime | None


class ApiKeyCreated(ApiKeyRead):
    """A new API key, with the secret, which is not stored."""

    key: str


class ApiKeyPage(Page[ApiKeyRead]):
    """One page of the API keys."""
