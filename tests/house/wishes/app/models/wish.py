"""Wishes, and the named queries about them."""

from sqlalchemy import String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record


class Wish(Record):
    """What somebody would like to have."""

    __tablename__ = "wishes"

    words: Mapped[str] = mapped_column(String(120), index=True)


ONE_WISH = select(Wish.id, Wish.words).where(Wish.id == bindparam("wish_id"))
