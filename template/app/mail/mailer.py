"""`Mailer` sends a message: over SMTP, or into the log."""

import asyncio
import ssl
from contextlib import suppress
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib

from app.core.logging import get_logger
from app.core.mail_settings import MailServer, MailSettings

log = get_logger(__name__)
# Connections of a process to the server.
MAX_CONNECTIONS = 10


class MailUnavailableError(Exception):
    """The server can not be reached, or is not able to accept mail now. Retryable."""


class MailRejectedError(Exception):
    """The server does not accept this message or its recipient."""


class Mailer(Protocol):
    """Sends messages."""

    async def send(self, message: EmailMessage) -> None:
        """Send a message. Raises MailUnavailableError, MailRejectedError."""
        ...


class ConsoleMailer(Mailer):
    """Writes messages into the log, for local runs and tests."""

    async def send(self, message: EmailMessage) -> None:
        """Log the text of a message."""
        text = message.get_body(("plain",))
        content = text.get_content() if text else ""
        # A field would show the line breaks escaped.
        # ast-grep-ignore: LOG-03
        log.info(f"mail to {message['To']}: {message['Subject']}\n\n{content}")


class SmtpMailer(Mailer):
    """Hands messages to a server, each on a connection of its own."""

    def __init__(
        self,
        server: MailServer,
        settings: MailSettings,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._timeout = settings.timeout
        self._hostname = settings.sender_address.domain
        self._tls = tls or ssl.create_default_context()
        self._connections = asyncio.Semaphore(MAX_CONNECTIONS)

    async def send(self, message: EmailMessage) -> None:
        """Send a message. Raises MailUnavailableError, MailRejectedError."""
        client = self._client()
        try:
            async with self._connections, asyncio.timeout(self._timeout):
                await client.connect()
                await client.send_message(message)
                with suppress(aiosmtplib.SMTPException):
                    await client.quit()
        except (aiosmtplib.SMTPException, OSError) as error:
            kind = MailRejectedError if is_final(error) else MailUnavailableError
            raise kind(f"{type(error).__name__} {error}".strip()) from error
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls == "implicit",
            start_tls={"implicit": False, "required": True}.get(server.tls),
            tls_context=self._tls,
            # Else the client asks the resolver for the name of this machine, and waits.
            local_hostname=self._hostname,
            timeout=self._timeout,
        )


def is_final(error: Exception) -> bool:
    """Return whether the server would refuse this message again."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(is_final(one) for one in error.recipients)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return True
    kinds = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)
    return isinstance(error, kinds) and error.code >= 500


def open_mailer(settings: MailSettings) -> Mailer:
    """Create the mailer of the settings. Nothing connects before the first message."""
    server = settings.server
    return SmtpMailer(server, settings) if server else ConsoleMailer()
