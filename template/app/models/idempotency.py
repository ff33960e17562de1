"""The table of requests that run once, and its statements."""

import sqlalchemy as sa

from app.db.types import UtcDateTime
from app.models.base import Base

KEYS = sa.Table(
    "idempotency_keys",
    Base.metadata,
    # Digests of the key with its caller, and of the request.
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    # 0 until the request has ended, in its own transaction only.
    sa.Column("status", sa.Integer(), nullable=False),
    sa.Column("headers", sa.Text(), nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    sa.Column("expires_at", UtcDateTime(), nullable=False, index=True),
)
IS_KEY = KEYS.c.key == sa.bindparam("digest")
IS_EXPIRED = KEYS.c.expires_at <= sa.bindparam("now")

STORED_RESPONSE = sa.select(
    KEYS.c.fingerprint, KEYS.c.status, KEYS.c.headers, KEYS.c.body
).where(IS_KEY, ~IS_EXPIRED, KEYS.c.status > 0)
DELETE_EXPIRED_KEY = sa.delete(KEYS).where(IS_KEY, IS_EXPIRED)
# Another process may delete the same rows: each of the two skips those of the other.
DELETE_EXPIRED_KEYS = (
    sa.delete(KEYS)
    .where(
        KEYS.c.key.in_(
            sa.select(KEYS.c.key)
            .where(IS_EXPIRED)
            .limit(1000)
            .with_for_update(skip_locked=True)
        )
    )
    .returning(KEYS.c.key)
)
CLAIM_KEY = sa.insert(KEYS)
STORE_RESPONSE = sa.update(KEYS).where(IS_KEY)
