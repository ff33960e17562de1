"""The rules about wishes."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFoundError
from app.core.reader import Reader
from app.models.wish import ONE_WISH, Wish
from app.schemas.wish import WishCreate, WishRead


class WishNotFoundError(NotFoundError):
    """There is no such wish."""

    code = "wish_not_found"


@dataclass(frozen=True, slots=True)
class WishQueries:
    """What can be asked about wishes."""

    reader: Reader

    async def get(self, wish_id: UUID) -> WishRead:
        """Return one wish. Raises WishNotFoundError."""
        row = await self.reader.row(ONE_WISH, wish_id=wish_id)
        if row is None:
            raise WishNotFoundError(f"There is no wish {wish_id}.")
        return WishRead.model_validate(row)


@dataclass(frozen=True, slots=True)
class WishService:
    """What can be done to wishes, in a transaction that somebody else ends."""

    session: AsyncSession

    async def create(self, data: WishCreate) -> WishRead:
        """Store a new wish."""
        wish = Wish(words=data.words)
        self.session.add(wish)
        await self.session.flush()
        return WishRead.model_validate(wish)
