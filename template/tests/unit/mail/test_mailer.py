"""Mails that are sent to a server, and into the log."""

import asyncio
from collections.abc import AsyncGenerator
from email import message_from_bytes, policy

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from app.core.mail_settings import MailSettings
from app.mail.mailer import MailRejectedError, MailUnavailableError, open_mailer
from app.mail.messages import MessageWriter


class Server:
    """A server that keeps mails; the local part of the recipient is its response."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        code = envelope.rcpt_tos[0].partition("@")[0]
        if code.isdecimal():
            return f"{code} no"
        self.kept.append(envelope.original_content or b"")
        return "250 OK"


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def settings(server: Server) -> AsyncGenerator[MailSettings]:
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: SMTP(server, hostname="test", loop=loop), "127.0.0.1", 0
    )
    port = listener.sockets[0].getsockname()[1]
    yield MailSettings(url=SecretStr(f"smtp://127.0.0.1:{port}"))
    listener.close()


@pytest.mark.blocks  # Certificates and templates are files.
async def test_mail_arrives_as_text_and_html(
    server: Server, settings: MailSettings
) -> None:
    message = MessageWriter(settings).write("reset_password", "ada@é.example", "t<")

    await open_mailer(settings).send(message)

    received = message_from_bytes(server.kept[0], policy=policy.default)
    text, html = (received.get_body((kind,)) for kind in ("plain", "html"))
    assert received["To"] == "ada@xn--9ca.example"
    assert text and "/reset-password#token=t<" in text.get_content()
    assert html and "/reset-password#token=t&lt;" in html.get_content()


@pytest.mark.blocks  # Certificates and templates are files.
@pytest.mark.parametrize(
    ("code", "error"), [(451, MailUnavailableError), (550, MailRejectedError)]
)
async def test_refusal_is_final_or_not(
    code: int, error: type[Exception], settings: MailSettings
) -> None:
    message = MessageWriter(settings).write("email_changed", f"{code}@example.com")

    with pytest.raises(error):
        await open_mailer(settings).send(message)


@pytest.mark.parametrize(
    "email", ["a@b.example\r\nBcc: c@d.example", "a@b, c@d.example"]
)
def test_address_can_not_add_a_header(email: str) -> None:
    with pytest.raises(ValueError, match="write ada@example.com"):
        MessageWriter(MailSettings()).write("email_changed", email)


@pytest.mark.blocks  # The templates are files.
async def test_console_logs_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    message = MessageWriter(MailSettings()).write("verify_email", "a@b.example", "t")

    await open_mailer(MailSettings()).send(message)

    assert "/verify-email#token=t" in capsys.readouterr().out
