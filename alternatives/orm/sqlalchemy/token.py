"""Refresh tokens, stored as digests: who reads the table can not use them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, String, Update, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record


class RefreshToken(Record):
    """One link of a chain that began with a login, its family."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    def is_spent(self, now: datetime) -> bool:
        """Whether it is over: revoked, or too old."""
        return self.revoked_at is not None or self.expires_at <= now


def token_to_spend(digest: str) -> Select[RefreshToken]:
    """The token, locked: of two who come at once, the second finds it used."""
    query = select(RefreshToken).where(RefreshToken.digest == digest)
    return query.with_for_update()


def revoke_family(family_id: UUID, now: datetime) -> Update:
    """End every token of a chain."""
    return (
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id)
        .where(RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
