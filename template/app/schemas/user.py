"""Users as the outside writes and reads them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, SecretStr

from app.schemas.base import Answer, Request

Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]


class UserCreate(Request):
    """A new user."""

    email: Email
    # Long enough for a sentence, short enough that hashing stays cheap.
    password: Annotated[SecretStr, Field(min_length=8, max_length=128)]


class UserRead(Answer):
    """A user, as that user may see it."""

    id: UUID
    email: EmailStr
    created_at: datetime
