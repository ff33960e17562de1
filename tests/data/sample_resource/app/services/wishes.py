"""Business rules of wishes."""

from dataclasses import dataclass
from uuid import UUID

from app.core.clock import Clock, utc_now
from app.core.errors import ConflictError, NotFoundError
from app.db import Database, conflict
from app.models.base import new_row
from app.models.wish import INSERT_VOTE, INSERT_WISH, WISH_BY_ID, Wish, WishVote
from app.schemas.wish import VoteCreate, WishCreate, WishRead


class WishNotFoundError(NotFoundError):
    """There is no wish with this ID."""

    code = "wish_not_found"

    def __init__(self, wish_id: UUID) -> None:
        super().__init__(f"There is no wish {wish_id}.")


class VoteTakenError(ConflictError):
    """A name can vote once for a wish."""

    code = "vote_taken"


@dataclass(frozen=True, slots=True)
class WishService:
    """Reads and stores wishes. Each method is one transaction."""

    db: Database
    clock: Clock = utc_now

    async def get(self, wish_id: UUID) -> WishRead:
        """Return one wish with its votes. Raises WishNotFoundError."""
        row = await self.db.fetchrow(WISH_BY_ID, wish_id=wish_id)
        if row is None:
            raise WishNotFoundError(wish_id)
        return WishRead.model_validate(row)

    async def create(self, data: WishCreate) -> WishRead:
        """Store a new wish."""
        wish = new_row(Wish, data.model_dump(), self.clock())
        async with self.db.begin() as transaction:
            await transaction.execute(INSERT_WISH, wish)
        return WishRead.model_validate({**wish, "votes": []})

    async def vote(self, wish_id: UUID, data: VoteCreate) -> WishRead:
        """Store a vote. Raises WishNotFoundError, VoteTakenError."""
        values = data.model_dump() | {"wish_id": wish_id}
        vote = new_row(WishVote, values, self.clock())
        taken = VoteTakenError(f"{data.name!r} has voted for this wish.")
        missing = WishNotFoundError(wish_id)
        with (
            conflict(on="fk_wish_votes_wish_id", error=missing),
            conflict(on="uq_wish_votes_wish_id_name", error=taken),
        ):
            async with self.db.begin() as transaction:
                await transaction.execute(INSERT_VOTE, vote)
        return await self.get(wish_id)
