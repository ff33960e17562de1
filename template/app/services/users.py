"""The rules about users."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import AuthenticationError, ConflictError
from app.core.reader import Reader
from app.models.user import ONE_USER, User
from app.schemas.user import UserRead


class EmailTakenError(ConflictError):
    """Two users can not share an address."""

    code = "email_taken"


@dataclass(frozen=True, slots=True)
class UserQueries:
    """What can be asked about users."""

    reader: Reader

    async def get_active(self, user_id: UUID) -> UserRead:
        """Return the user behind a token. Raises AuthenticationError if gone."""
        row = await self.reader.row(ONE_USER, user_id=user_id)
        if row is None or not row["is_active"]:
            raise AuthenticationError("The access token is not valid any more.")
        return UserRead.model_validate(row)


@dataclass(frozen=True, slots=True)
class UserService:
    """What can be done to users, in a transaction that somebody else ends."""

    session: AsyncSession

    async def register(self, email: str, password_hash: str) -> UserRead:
        """Store a new user. Raises EmailTakenError."""
        user = User(email=email, password_hash=password_hash)
        self.session.add(user)
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise EmailTakenError("There is a user with this address.") from error
        return UserRead.model_validate(user)
