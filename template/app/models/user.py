"""People who may sign in, and the named queries about them."""

from sqlalchemy import String, bindparam, select
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
