"""People who may sign in, and the named queries about them."""

from uuid import UUID

from sqlalchemy import Select, String, Update, bindparam, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record

EMAIL_LENGTH = 254


class User(Record):
    """A person, known by an e-mail address."""

    __tablename__ = "users"

    # In lower case: nobody remembers how they once wrote it.
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)


ONE_USER = select(User.id, User.email, User.is_active, User.created_at).where(
    User.id == bindparam("user_id")
)

CREDENTIALS = select(User.id, User.password_hash, User.is_active).where(
    User.email == bindparam("email")
)


def activity(user_id: UUID) -> Select[bool]:
    """Whether a user may still sign in."""
    return select(User.is_active).where(User.id == user_id)


def replace_hash(user_id: UUID, password_hash: str) -> Update:
    """Store the hash of the same password in its newer kind."""
    return update(User).where(User.id == user_id).values(password_hash=password_hash)
