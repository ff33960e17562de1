"""Request and response bodies of users."""

from datetime import datetime
from typing import Annotated, Any
from unicodedata import normalize
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    Secret,
    TypeAdapter,
    ValidationError,
)

from app.core.security import normalize_password
from app.schemas.base import RequestModel, ResponseModel


def to_lower(email: str) -> str:
    """Return an address in lower case and in the normal form NFC."""
    return normalize("NFC", email.lower())


def normalize_if_text(value: Any) -> Any:
    """Return the normal form of a password, and any other value unchanged."""
    return normalize_password(value) if isinstance(value, str) else value


# EmailStr decodes the domain: `user@xn--mnchen-3ya.de` becomes `user@münchen.de`.
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(to_lower)]
# An address from the database, which a newer version of EmailStr may reject.
StoredEmail = Annotated[str, Field(json_schema_extra={"format": "email"})]
# Not a SecretStr, which accepts lone surrogates: they can not be hashed. The limit
# keeps hashing cheap; the length is that of the normal form.
Password = Annotated[
    str,
    Field(min_length=8, max_length=128, json_schema_extra={"format": "password"}),
    BeforeValidator(normalize_if_text),
]
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def normalize_email(text: str) -> str:
    """Return an address as it is stored, or a text that is no address in lower case."""
    try:
        return _EMAIL.validate_python(text)
    except ValidationError:
        return text.lower()


class UserCreate(RequestModel):
    """A new user."""

    email: Email
    password: Secret[Password]


class UserRead(ResponseModel):
    """A user, as that user sees it."""

    id: UUID
    email: StoredEmail
    created_at: datetime
