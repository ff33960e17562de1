"""Business rules of the account of the current user."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import Secret

from app.core.clock import Clock, utc_now
from app.core.errors import AuthenticationError, ConflictError, ForbiddenError
from app.core.security import Identity
from app.db import ConstraintViolationError, Row, conflict
from app.models.session import SESSION_START
from app.models.user import CREDENTIALS_BY_ID, DELETE_USER, UPDATE_USER, USER_BY_ID
from app.schemas.user import EmailChange, PasswordChange, UserRead, normalize_email
from app.services.auth import AuthService, WrongCredentialsError
from app.services.sessions import end_other_sessions
from app.services.users import EmailTakenError, is_unchanged

# A session is proof enough to delete the account for this time after its login.
RECENT = timedelta(minutes=15)


class WrongPasswordError(ForbiddenError):
    """The current password is wrong."""

    code = "wrong_password"


class LoginRequiredError(ForbiddenError):
    """The login of the session is too long ago."""

    code = "login_required"


class AccountInUseError(ConflictError):
    """Rows that may not be deleted belong to the user."""

    code = "account_in_use"


@dataclass(frozen=True, slots=True)
class AccountService:
    """Changes and deletes the account of a user.

    A change needs the password: it raises WrongPasswordError, and as a login does
    ThrottledError and OverloadedError. It starts again if the user has changed since.
    """

    auth: AuthService
    clock: Clock = utc_now

    async def change_password(
        self, identity: Identity, data: PasswordChange, address: str
    ) -> None:
        """Store a new password, and end all other sessions."""
        user = await self._prove(identity, data.current_password, address)
        new = await self.auth.passwords.hash(data.new_password.get_secret_value())
        key, now = user["id"], self.clock()
        async with self.auth.db.begin() as transaction:
            if await is_unchanged(transaction, user):
                values = {"key": key, "password_hash": new, "updated_at": now}
                await transaction.execute(UPDATE_USER, values)
                await end_other_sessions(transaction, key, now, identity.session_id)
                return
        await self.change_password(identity, data, address)

    async def change_email(
        self, identity: Identity, data: EmailChange, address: str
    ) -> UserRead:
        """Store another e-mail address. Raises EmailTakenError."""
        user = await self._prove(identity, data.current_password, address)
        key, taken = user["id"], EmailTakenError("There is a user with this address.")
        values = {"key": key, "email": data.email, "updated_at": self.clock()}
        with conflict(on="uq_users_email", error=taken):
            async with self.auth.db.begin() as transaction:
                if await is_unchanged(transaction, user):
                    await transaction.execute(UPDATE_USER, values)
                    row = await transaction.fetchrow(USER_BY_ID, user_id=key)
                    return UserRead.model_validate(row)
        return await self.change_email(identity, data, address)

    async def delete(self, identity: Identity) -> None:
        """Delete the user. Raises LoginRequiredError, AccountInUseError."""
        in_use = AccountInUseError("Rows that have to be kept belong to the account.")
        values = {"user_id": identity.user_id, "session_id": identity.session_id}
        async with self.auth.db.begin() as transaction:
            began_at = await transaction.fetchval(SESSION_START, **values)
            if began_at is None or self.clock() - began_at > RECENT:
                raise LoginRequiredError("Log in again, then delete the account.")
            try:
                await transaction.execute(DELETE_USER, {"key": identity.user_id})
            except ConstraintViolationError as error:
                raise in_use from error

    async def _prove(
        self, identity: Identity, password: Secret[str], address: str
    ) -> Row:
        user = await self.auth.db.fetchrow(CREDENTIALS_BY_ID, user_id=identity.user_id)
        if user is None:
            raise AuthenticationError("The user does not exist any more.")
        keys = await self.auth.count_attempt(normalize_email(user["email"]), address)
        try:
            await self.auth.verify_password(user, password.get_secret_value(), keys)
        except WrongCredentialsError:
            raise WrongPasswordError("The current password is wrong.") from None
        return user
