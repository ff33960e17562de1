"""Wishes and their votes: tables and queries."""

from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import JsonRows
from app.models.base import Record


class Wish(Record):
    """A wish."""

    __tablename__ = "wishes"

    words: Mapped[str] = mapped_column(String(120), index=True)


class WishVote(Record):
    """A vote for a wish."""

    __tablename__ = "wish_votes"
    __table_args__ = (UniqueConstraint("wish_id", "name"),)

    wish_id: Mapped[UUID] = mapped_column(ForeignKey("wishes.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))


_VOTES = (
    select(WishVote.name, WishVote.created_at)
    .where(WishVote.wish_id == Wish.id)
    .order_by(WishVote.id)
    .correlate(Wish)
)

WISH_BY_ID = select(Wish.id, Wish.words, JsonRows(_VOTES).label("votes")).where(
    Wish.id == bindparam("wish_id")
)

INSERT_WISH, INSERT_VOTE = insert(Wish), insert(WishVote)
