"""People who may sign in, and the named queries about them."""

from uuid import UUID

from sqlalchemy import Select, Update, bindparam, select, update
from sqlmodel import Field, col

from app.models.base import Record

EMAIL_LENGTH = 254


class User(Record, table=True):
    """A person, known by an e-mail address."""

    __tablename__ = "users"

    # In lower case: nobody remembers how they once wrote it.
    email: str = Field(max_length=EMAIL_LENGTH, unique=True)
    password_hash: str = Field(max_length=255)
    is_active: bool = Field(default=True)


ONE_USER = select(
    col(User.id), col(User.email), col(User.is_active), col(User.created_at)
).where(col(User.id) == bindparam("user_id"))

CREDENTIALS = select(col(User.id), col(User.password_hash), col(User.is_active)).where(
    col(User.email) == bindparam("email")
)


def activity(user_id: UUID) -> Select[bool]:
    """Whether a user may still sign in."""
    return select(col(User.is_active)).where(col(User.id) == user_id)


def replace_hash(user_id: UUID, password_hash: str) -> Update:
    """Store the hash of the same password in its newer kind."""
    return (
        update(User).where(col(User.id) == user_id).values(password_hash=password_hash)
    )
