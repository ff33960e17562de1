"""`MailDelivery` finds the recipient of a mail, and sends it with a new token."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from app.core.clock import Clock, utc_now
from app.core.security import hash_token
from app.db import Database, Row, Transaction
from app.mail.sender import MailSender
from app.models.mail import (
    DELETE_MAIL_TOKEN,
    INSERT_MAIL_TOKEN,
    MAIL_USER_BY_EMAIL,
    MAIL_USER_BY_ID,
)
from app.schemas.mail import AccountMail, MailKind

NOTICES = ("password_changed", "email_changed")


@dataclass(frozen=True, slots=True)
class MailDelivery:
    """Sends mails of accounts. A token is committed before its mail is sent."""

    db: Database
    sender: MailSender
    clock: Clock = utc_now

    async def send(self, mail: AccountMail) -> None:
        """Send a mail, unless its account is gone. Raises MailUnavailableError."""
        if mail.kind in NOTICES:
            await self.sender.send(mail.kind, mail.email)
            return
        async with self.db.begin() as transaction:
            prepared = await self._prepare(transaction, mail)
        if prepared is not None:
            await self.sender.send(*prepared)

    async def _prepare(
        self, transaction: Transaction, mail: AccountMail
    ) -> tuple[MailKind, str, str | None] | None:
        """Return the kind, recipient and token of a mail, or None to send none."""
        kind, email = mail.kind, mail.email
        owner = await transaction.fetchrow(MAIL_USER_BY_EMAIL, email=email)
        if kind == "change_email" and owner is None:
            user = await transaction.fetchrow(MAIL_USER_BY_ID, user_id=mail.user_id)
        else:
            user = owner
        if user is None or not user["is_active"]:
            return None
        if kind == "change_email" and owner is not None:
            kind = "address_taken"
        if kind == "address_taken":
            return kind, email, None
        if kind == "verify_email" and user["is_verified"]:
            return None
        return kind, email, await self._new_token(transaction, user, kind, email)

    async def _new_token(
        self, transaction: Transaction, user: Row, kind: MailKind, email: str
    ) -> str:
        """Store a new token in place of the one of the same purpose."""
        settings, token = self.sender.settings, secrets.token_urlsafe(32)
        lifetime = timedelta(hours=settings.verify_hours)
        if kind == "reset_password":
            lifetime = timedelta(minutes=settings.reset_minutes)
        old = {"owner": user["id"], "token_purpose": kind}
        await transaction.execute(DELETE_MAIL_TOKEN, old)
        row = {"user_id": user["id"], "purpose": kind, "digest": hash_token(token)}
        row |= {"email": email, "expires_at": self.clock() + lifetime}
        await transaction.execute(INSERT_MAIL_TOKEN, row)
        return token
