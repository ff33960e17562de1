"""E-mail, sent in a thread."""

import asyncio
import gzip
import smtplib
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import SecretStr

from app.core.base_settings import SettingsGroup
from app.core.errors import UnavailableError
from app.core.logging import get_logger

T_co = TypeVar("T_co", covariant=True)

log = get_logger(__name__)


class MailSettings(SettingsGroup):
    """Settings of the mail server."""

    host: str = "localhost"
    port: int = 25
    password: SecretStr | None = None


class MailUnavailableError(UnavailableError):
    """The mail server does not answer."""

    code = "mail_unavailable"


class Letterbox(Protocol[T_co]):
    """Interface of a mail sender."""

    async def send(self, letter: EmailMessage) -> T_co:
        """Send a message."""
        ...


class SmtpLetterbox:
    """Sends messages through an SMTP server."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, letter: EmailMessage) -> None:
        """Send a message. Raises MailUnavailableError."""
        try:
            await asyncio.to_thread(self._send, letter)
        except OSError as error:
            log.warning("mail_refused", to=letter["To"], reason=f"{error}")
            raise MailUnavailableError("No mail can be sent now.") from error

    def _send(self, letter: EmailMessage) -> None:
        with smtplib.SMTP(self._settings.host, self._settings.port) as server:
            server.send_message(letter)


async def packed(make: Callable[[], bytes]) -> bytes:
    """Make and compress an attachment in a thread."""
    return await asyncio.to_thread(lambda: gzip.compress(make()))


def forget(kept: Path) -> None:
    """Remove a copy, if there is one."""
    with suppress(FileNotFoundError):
        kept.unlink()
