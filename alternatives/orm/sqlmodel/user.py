"""Users: table and statements."""

import sqlalchemy as sa
from sqlmodel import Field, col

from app.models.base import Record

EMAIL_LENGTH = 254


class User(Record, table=True):
    """A user, identified by an e-mail address."""

    __tablename__ = "users"

    # In its normal form, so that an address is found in every spelling.
    email: str = Field(max_length=EMAIL_LENGTH, unique=True)
    password_hash: str = Field(max_length=255)
    is_active: bool = Field(default=True)


USER_BY_ID = sa.select(
    col(User.id), col(User.email), col(User.is_active), col(User.created_at)
).where(col(User.id) == sa.bindparam("user_id"))

CREDENTIALS = sa.select(
    col(User.id), col(User.password_hash), col(User.is_active)
).where(col(User.email) == sa.bindparam("email"))

INSERT_USER = sa.insert(User)

UPDATE_PASSWORD_HASH = (
    sa.update(User)
    .where(col(User.id) == sa.bindparam("user_id"))
    .values(password_hash=sa.bindparam("new_hash"))
)
