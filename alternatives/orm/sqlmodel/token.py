"""Refresh tokens, stored as digests: who reads the table can not use them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Update, select, update
from sqlmodel import Field, col

from app.models.base import Record, UtcDateTime


class RefreshToken(Record, table=True):
    """One link of a chain that began with a login, its family."""

    __tablename__ = "refresh_tokens"

    digest: str = Field(max_length=64, unique=True)
    family_id: UUID = Field(index=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_spent(self, now: datetime) -> bool:
        """Whether it is over: revoked, or too old."""
        return self.revoked_at is not None or self.expires_at <= now


def token_to_spend(digest: str) -> Select[RefreshToken]:
    """The token, locked: of two who come at once, the second finds it used."""
    query = select(RefreshToken).where(col(RefreshToken.digest) == digest)
    return query.with_for_update()


def revoke_family(family_id: UUID, now: datetime) -> Update:
    """End every token of a chain."""
    return (
        update(RefreshToken)
        .where(col(RefreshToken.family_id) == family_id)
        .where(col(RefreshToken.revoked_at).is_(None))
        .values(revoked_at=now)
    )
