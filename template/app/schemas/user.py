"""Request and response bodies of users."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, Secret

from app.schemas.base import RequestModel, ResponseModel

Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]
# Not a SecretStr, which accepts lone surrogates: they can not be hashed. The limit
# keeps hashing cheap.
Password = Annotated[
    str, Field(min_length=8, max_length=128, json_schema_extra={"format": "password"})
]


class UserCreate(RequestModel):
    """A new user."""

    email: Email
    password: Secret[Password]


class UserRead(ResponseModel):
    """A user, as that user sees it."""

    id: UUID
    email: EmailStr
    created_at: datetime
