"""Tokens that are sent by mail, and verified addresses: tables and statements."""

from uuid import UUID

import sqlalchemy as sa

from app.db.types import UtcDateTime
from app.models.base import Base
from app.models.user import CREDENTIALS, EMAIL_LENGTH, User

user = sa.inspect(User).columns


def _user_id() -> sa.Column[UUID]:
    key = sa.ForeignKey("users.id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Uuid, key, primary_key=True)


# A user has one token for each purpose: a new one replaces it, and its use deletes it.
MAIL_TOKENS = sa.Table(
    "mail_tokens",
    Base.metadata,
    _user_id(),
    sa.Column("purpose", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    # Where it was sent to.
    sa.Column("email", sa.String(EMAIL_LENGTH), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

# Users who have registered, with the address that they have proved to be theirs, or
# not yet. Users of other origin have no row.
EMAIL_VERIFICATIONS = sa.Table(
    "email_verifications",
    Base.metadata,
    _user_id(),
    sa.Column("email", sa.String(EMAIL_LENGTH), nullable=False),
    sa.Column("verified_at", UtcDateTime),
)

_IS_TOKEN = (
    (MAIL_TOKENS.c.digest == sa.bindparam("token_digest"))
    & (MAIL_TOKENS.c.purpose == sa.bindparam("token_purpose"))
    & (MAIL_TOKENS.c.expires_at > sa.bindparam("now"))
)
_IS_OWN = EMAIL_VERIFICATIONS.c.user_id == sa.bindparam("owner")

MAIL_TOKEN = sa.select(MAIL_TOKENS.c.user_id, MAIL_TOKENS.c.purpose).where(_IS_TOKEN)
# Of two requests with one token, one deletes the row.
USE_MAIL_TOKEN = sa.delete(MAIL_TOKENS).where(_IS_TOKEN).returning(MAIL_TOKENS.c.email)
INSERT_MAIL_TOKEN = sa.insert(MAIL_TOKENS)
DELETE_MAIL_TOKEN = sa.delete(MAIL_TOKENS).where(
    MAIL_TOKENS.c.user_id == sa.bindparam("owner"),
    MAIL_TOKENS.c.purpose == sa.bindparam("token_purpose"),
)
DELETE_MAIL_TOKENS = sa.delete(MAIL_TOKENS).where(
    MAIL_TOKENS.c.user_id == sa.bindparam("owner")
)

INSERT_VERIFICATION = sa.insert(EMAIL_VERIFICATIONS)
DELETE_VERIFICATION = sa.delete(EMAIL_VERIFICATIONS).where(_IS_OWN)

_USER = sa.select(
    user.id,
    user.email,
    user.is_active,
    sa.exists()
    .where(EMAIL_VERIFICATIONS.c.user_id == user.id)
    .where(EMAIL_VERIFICATIONS.c.email == user.email)
    .where(EMAIL_VERIFICATIONS.c.verified_at.is_not(None))
    .label("is_verified"),
)
# Locked: tokens of a user are replaced one after the other.
MAIL_USER_BY_EMAIL = _USER.where(user.email == sa.bindparam("email")).with_for_update()
MAIL_USER_BY_ID = _USER.where(user.id == sa.bindparam("user_id")).with_for_update()

# The same work as to insert a user.
TOUCH_USER = (
    sa.update(User)
    .where(user.id == sa.bindparam("owner"))
    .values(is_active=user.is_active)
)

VERIFIED_CREDENTIALS = CREDENTIALS.where(
    ~sa.exists()
    .where(EMAIL_VERIFICATIONS.c.user_id == user.id)
    .where(EMAIL_VERIFICATIONS.c.verified_at.is_(None))
)
