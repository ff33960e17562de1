"""Business rules of addresses that are verified, and of passwords that are reset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol
from uuid import UUID

from pydantic import Secret
from sqlalchemy import Executable

from app.core.clock import Clock, utc_now
from app.core.errors import ForbiddenError
from app.core.limits import RateLimiter
from app.core.security import hash_token
from app.db import Database, Row, Transaction, conflict
from app.models.mail import (
    DELETE_MAIL_TOKENS,
    DELETE_VERIFICATION,
    INSERT_VERIFICATION,
    MAIL_TOKEN,
    MAIL_USER_BY_EMAIL,
    MAIL_USER_BY_ID,
    TOUCH_USER,
    USE_MAIL_TOKEN,
    VERIFIED_CREDENTIALS,
)
from app.models.user import INSERT_USER, UPDATE_USER
from app.schemas.mail import AccountMail, MailKind
from app.schemas.user import UserCreate
from app.services.auth import AuthService
from app.services.sessions import end_other_sessions
from app.services.users import EmailTakenError, UserService

Purpose = Literal["verify_email", "change_email", "reset_password"]
REJECTED = "The link is not valid, or not any more; ask for a new mail."


class MailTokenRejectedError(ForbiddenError):
    """The token is unknown, expired, replaced or used."""

    code = "mail_token_rejected"


class Outbox(Protocol):
    """Takes mails in a transaction. They are sent after its commit, or never."""

    async def add(self, transaction: Transaction, mail: AccountMail) -> None:
        """Add a mail."""
        ...


class VerifiedAuthService(AuthService):
    """Lets users log in whose address is verified.

    A login would tell else that the address was free when it was registered.
    """

    credentials: ClassVar[Executable] = VERIFIED_CREDENTIALS


@dataclass(frozen=True, slots=True)
class MailService:
    """Registers users and resets passwords without telling which addresses are known.

    Requests for known and for unknown addresses do the same work. A mail has the rest:
    `MailDelivery` finds its recipient.
    """

    db: Database
    users: UserService
    outbox: Outbox
    # For each account, and for each client.
    mails: RateLimiter
    attempts: RateLimiter
    clock: Clock = utc_now

    async def register(self, data: UserCreate, address: str) -> None:
        """Store a new user; the owner of a known address gets a mail instead.

        Raises ThrottledError, OverloadedError.
        """
        await self.mails.check(f"account:{data.email}")
        row = await self.users.prepare(data, address)
        try:
            await self._store_user(row)
        except EmailTakenError:  # By a request at the same time.
            await self._add("address_taken", data.email)

    async def request(self, kind: MailKind, email: str, address: str) -> None:
        """Send a mail, if the address has an account. Raises ThrottledError."""
        await self.attempts.check(f"mail:{address}")
        await self.mails.check(f"account:{email}")
        await self._add(kind, email)

    async def request_change(self, user_id: UUID, email: str, address: str) -> None:
        """Send a link to the new address of a user, which changes it.

        Raises ThrottledError.
        """
        await self.attempts.check(f"mail:{address}")
        await self.mails.check(f"account:{email}", f"user:{user_id}")
        await self._add("change_email", email, user_id)

    async def verify(self, token: str, address: str) -> None:
        """Prove or change the address of a user.

        Raises:
            MailTokenRejectedError: The token is not valid, or not any more.
            EmailTakenError: Another user has the address by now.
            ThrottledError: Too many attempts of the client.
        """
        await self.attempts.check(f"mail-token:{address}")
        found = await self._find(["verify_email", "change_email"], token)
        taken = EmailTakenError("There is a user with this address.")
        with conflict(on="uq_users_email", error=taken):
            async with self.db.begin() as transaction:
                user, email = await self._use(transaction, found, token)
                await verify_address(transaction, user["id"], email, self.clock())
                if user["email"] != email:
                    await self._change_address(transaction, user, email)

    async def reset(self, token: str, password: Secret[str], address: str) -> None:
        """Store a new password, and end all sessions of the user.

        Raises:
            MailTokenRejectedError: The token is not valid, or not any more.
            ThrottledError: Too many attempts of the client.
            OverloadedError: Too many passwords wait to be hashed.
        """
        await self.attempts.check(f"mail-token:{address}")
        # A wrong token costs no hash, and hashing holds no connection.
        found = await self._find(["reset_password"], token)
        new_hash = await self.users.passwords.hash(password.get_secret_value())
        async with self.db.begin() as transaction:
            user, email = await self._use(transaction, found, token)
            owner, now = user["id"], self.clock()
            values = {"key": owner, "password_hash": new_hash, "updated_at": now}
            await transaction.execute(UPDATE_USER, values)
            await end_other_sessions(transaction, owner, now)
            # The token was in a mail to this address.
            await verify_address(transaction, owner, email, now)
            await notify_owner(transaction, self.outbox, "password_changed", user)

    async def _store_user(self, row: dict[str, object]) -> None:
        """Store a user, or write as much for a known address."""
        email = f"{row['email']}"
        with conflict(on="uq_users_email", error=EmailTakenError(email)):
            async with self.db.begin() as transaction:
                known = await transaction.fetchrow(MAIL_USER_BY_EMAIL, email=email)
                kind: MailKind = "address_taken" if known else "verify_email"
                if known:
                    await transaction.execute(TOUCH_USER, {"owner": known["id"]})
                else:
                    await transaction.execute(INSERT_USER, row)
                    pending = {"user_id": row["id"], "email": email}
                    await transaction.execute(INSERT_VERIFICATION, pending)
                await self.outbox.add(transaction, AccountMail(kind=kind, email=email))

    async def _add(
        self, kind: MailKind, email: str, user_id: UUID | None = None
    ) -> None:
        async with self.db.begin() as transaction:
            mail = AccountMail(kind=kind, email=email, user_id=user_id)
            await self.outbox.add(transaction, mail)

    async def _find(self, purposes: Sequence[Purpose], token: str) -> Row:
        """Return the user's ID and the purpose of a token. Raises its rejection."""
        for purpose in purposes:
            key = {"token_digest": hash_token(token), "token_purpose": purpose}
            row = await self.db.fetchrow(MAIL_TOKEN, **key, now=self.clock())
            if row is not None:
                return row
        raise MailTokenRejectedError(REJECTED)

    async def _use(
        self, transaction: Transaction, found: Row, token: str
    ) -> tuple[Row, str]:
        """Delete a token. Return its user, and the address to which it was sent."""
        owner, purpose = found["user_id"], found["purpose"]
        # Locked first, as when a token is replaced.
        user = await transaction.fetchrow(MAIL_USER_BY_ID, user_id=owner)
        key = {"token_digest": hash_token(token), "token_purpose": purpose}
        email = await transaction.fetchval(USE_MAIL_TOKEN, **key, now=self.clock())
        if email is None or user is None or not user["is_active"]:
            raise MailTokenRejectedError(REJECTED)
        if purpose != "change_email" and email != user["email"]:
            raise MailTokenRejectedError(REJECTED)
        return user, email

    async def _change_address(
        self, transaction: Transaction, user: Row, email: str
    ) -> None:
        values = {"key": user["id"], "email": email, "updated_at": self.clock()}
        await transaction.execute(UPDATE_USER, values)
        await notify_owner(transaction, self.outbox, "email_changed", user)


async def notify_owner(
    transaction: Transaction, outbox: Outbox, kind: MailKind, user: Row
) -> None:
    """Notify a user of a change, and end the links of all earlier mails.

    Args:
        transaction: The transaction of the change.
        outbox: Takes the mail.
        kind: `password_changed` or `email_changed`.
        user: The ID and the address of the user before the change.
    """
    await transaction.execute(DELETE_MAIL_TOKENS, {"owner": user["id"]})
    await outbox.add(transaction, AccountMail(kind=kind, email=user["email"]))


async def verify_address(
    transaction: Transaction, user_id: UUID, email: str, now: datetime
) -> None:
    """Store that a user has proved to own an address."""
    await transaction.execute(DELETE_VERIFICATION, {"owner": user_id})
    row = {"user_id": user_id, "email": email, "verified_at": now}
    await transaction.execute(INSERT_VERIFICATION, row)
