"""`MailSender` writes a mail and sends it."""

import asyncio

from app.core.logging import get_logger
from app.core.mail_settings import MailSettings
from app.mail.mailer import Mailer, MailRejectedError, open_mailer
from app.mail.messages import MessageWriter
from app.schemas.mail import MailKind

log = get_logger(__name__)


class MailSender:
    """The mailer and the writer of the settings, shared by all requests."""

    def __init__(self, settings: MailSettings, mailer: Mailer | None = None) -> None:
        self.settings = settings
        self._mailer = mailer or open_mailer(settings)
        self._writer = MessageWriter(settings)

    async def send(self, kind: MailKind, email: str, token: str | None = None) -> None:
        """Send a mail, unless the server rejects it. Raises MailUnavailableError."""
        try:
            # In a thread, since it takes a millisecond.
            write = self._writer.write
            message = await asyncio.to_thread(write, kind, email, token)
            await self._mailer.send(message)
        except (MailRejectedError, ValueError) as error:
            # Another attempt would not help, and the reason may contain the address.
            log.warning("mail rejected", kind=kind, cause=type(error).__name__)
        else:
            log.info("mail sent", kind=kind)
