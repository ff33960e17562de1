"""Request and response bodies of users."""

from datetime import datetime
from typing import Annotated
from unicodedata import normalize
from uuid import UUID

from pydantic import (
    AfterValidator,
    EmailStr,
    Field,
    Secret,
    TypeAdapter,
    ValidationError,
)

from app.core.security import normalize_password
from app.core.text import MultiLine
from app.schemas.base import RequestModel, ResponseModel

# EmailStr decodes the domain: `user@xn--mnchen-3ya.de` becomes `user@münchen.de`.
Email = Annotated[
    EmailStr,
    Field(max_length=254),
    AfterValidator(lambda email: normalize("NFC", email.lower())),
]
# An address from the database, which a newer version of EmailStr may reject.
StoredEmail = Annotated[str, Field(json_schema_extra={"format": "email"})]
# Not a SecretStr, which accepts lone surrogates: they can not be hashed. The limit
# keeps hashing cheap.
Password = Annotated[
    str,
    MultiLine(128, min_length=8, pattern=None, normalize=normalize_password),
    Field(json_schema_extra={"format": "password"}),
]
# Any text: it may have been stored under other rules.
CurrentPassword = Secret[
    Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password"})]
]
EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def normalize_email(text: str) -> str:
    """Return the stored form of an address; of other texts, the lower case."""
    try:
        return EMAIL.validate_python(text)
    except ValidationError:
        return text.lower()


class UserCreate(RequestModel):
    """A new user."""

    email: Email
    password: Secret[Password]


class PasswordChange(RequestModel):
    """A new password, and the proof that the user knows the current one."""

    current_password: CurrentPassword
    new_password: Secret[Password]


class EmailChange(RequestModel):
    """A new e-mail address."""

    email: Email
    current_password: CurrentPassword


class UserRead(ResponseModel):
    """A user, as that user sees it."""

    id: UUID
    email: StoredEmail
    created_at: datetime
