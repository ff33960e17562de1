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

_CREDENTIALS = sa.select(
    col(User.id), col(User.email), col(User.password_hash), col(User.is_active)
)

CREDENTIALS = _CREDENTIALS.where(col(User.email) == sa.bindparam("email"))

CREDENTIALS_BY_ID = _CREDENTIALS.where(col(User.id) == sa.bindparam("user_id"))

# Locked, but not for the foreign keys of new rows.
USER_FOR_UPDATE = CREDENTIALS_BY_ID.with_for_update(key_share=True)

INSERT_USER = sa.insert(User)

UPDATE_PASSWORD_HASH = (
    sa.update(User)
    .where(col(User.id) == sa.bindparam("user_id"))
    .values(password_hash=sa.bindparam("new_hash"))
)

# Sets the columns of the given values.
UPDATE_USER = sa.update(User).where(col(User.id) == sa.bindparam("key"))

DELETE_USER = sa.delete(User).where(col(User.id) == sa.bindparam("key"))
