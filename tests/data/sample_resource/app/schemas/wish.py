"""Request and response bodies of wishes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import SINGLE_LINE, RequestModel, ResponseModel

Words = Annotated[str, Field(min_length=1, max_length=120, pattern=SINGLE_LINE)]


class WishCreate(RequestModel):
    """A new wish."""

    words: Words


class VoteCreate(RequestModel):
    """A new vote."""

    name: Words


class VoteRead(ResponseModel):
    """A vote."""

    name: str
    created_at: datetime


class WishRead(ResponseModel):
    """A wish, with its votes in the order in which they were stored."""

    id: UUID
    words: str
    votes: list[VoteRead]
