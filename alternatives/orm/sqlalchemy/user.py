"""Users: table and statements."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record

EMAIL_LENGTH = 254


class User(Record):
    """A user, identified by an e-mail address."""

    __tablename__ = "users"

    # In its normal form, so that an address is found in every spelling.
    email: Mapped[str] = mapped_column(sa.String(EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    is_active: Mapped[bool] = mapped_column(default=True)


USER_BY_ID = sa.select(User.id, User.email, User.is_active, User.created_at).where(
    User.id == sa.bindparam("user_id")
)

_CREDENTIALS = sa.select(User.id, User.email, User.password_hash, User.is_active)

CREDENTIALS = _CREDENTIALS.where(User.email == sa.bindparam("email"))

CREDENTIALS_BY_ID = _CREDENTIALS.where(User.id == sa.bindparam("user_id"))

# Locked, but not for the foreign keys of new rows.
USER_FOR_UPDATE = CREDENTIALS_BY_ID.with_for_update(key_share=True)

INSERT_USER = sa.insert(User)

UPDATE_PASSWORD_HASH = (
    sa.update(User)
    .where(User.id == sa.bindparam("user_id"))
    .values(password_hash=sa.bindparam("new_hash"))
)

# Sets the columns of the given values.
UPDATE_USER = sa.update(User).where(User.id == sa.bindparam("key"))

DELETE_USER = sa.delete(User).where(User.id == sa.bindparam("key"))
