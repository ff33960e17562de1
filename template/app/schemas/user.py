"""Users as the outside writes and reads them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, Secret

from app.schemas.base import Answer, Request

Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]
# Long enough for a sentence, short enough that hashing stays cheap. Not a SecretStr,
# which lets half a character pass that no hash can be made of.
Phrase = Annotated[
    str,
    Field(min_length=8, max_length=128, json_schema_extra={"format": "password"}),
]


class UserCreate(Request):
    """A new user."""

    email: Email
    password: Secret[Phrase]


class UserRead(Answer):
    """A user, as that user may see it."""

    id: UUID
    email: EmailStr
    created_at: datetime
