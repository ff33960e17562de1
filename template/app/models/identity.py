"""Identities of users at OpenID providers: table and statements."""

import sqlalchemy as sa

from app.db.types import UtcDateTime
from app.models.base import Base
from app.models.user import User

IDENTITIES = sa.Table(
    "oidc_identities",
    Base.metadata,
    # A provider never gives the subject to another person, unlike an e-mail address.
    sa.Column("issuer", sa.String(255), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column(
        "user_id",
        sa.Uuid(),
        sa.ForeignKey("users.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("created_at", UtcDateTime(), nullable=False),
)

user = sa.inspect(User).columns
USER_OF_IDENTITY = (
    sa.select(user.id, user.is_active)
    .join(IDENTITIES, IDENTITIES.c.user_id == user.id)
    .where(IDENTITIES.c.issuer == sa.bindparam("issuer"))
    .where(IDENTITIES.c.subject == sa.bindparam("subject"))
)

INSERT_IDENTITY = sa.insert(IDENTITIES)
