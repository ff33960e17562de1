"""Request and response bodies of wishes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from app.core.text import SingleLine
from app.schemas.base import RequestModel, ResponseModel

Words = Annotated[str, SingleLine(120)]


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
