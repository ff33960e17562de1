"""A mail server that needs TLS or a login, that refuses, or that does not respond."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from app.core.mail_settings import MailServer, MailSettings, parse_server
from app.mail.mailer import MailRejectedError, MailUnavailableError, SmtpMailer
from app.mail.messages import MessageWriter

# Certificates and templates are files.
pytestmark = pytest.mark.blocks
RIGHT, WRONG = "right", "wrong"


class Inbox:
    """Keeps mails; refuses recipients whose local part is a code."""

    def __init__(self) -> None:
        self.kept: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        code = address.partition("@")[0]
        if code.isdecimal():
            return f"{code} no"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.kept.append(envelope)
        return "250 OK"


@asynccontextmanager
async def serve(
    factory: Callable[[], asyncio.Protocol], **options: Any
) -> AsyncGenerator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, "127.0.0.1", 0, **options)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` that no authority has signed, with its key."""
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    options = ["-x509", "-nodes", "-days=2", "-subj=/CN=localhost", "-newkey=rsa:2048"]
    options += ["-addext=subjectAltName=DNS:localhost", "-keyout=-", f"-out={file}"]
    command = ["openssl", "req"]
    for option in options:
        command += option.split("=", 1)
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    file.write_text(file.read_text("ascii") + made.stdout, "ascii")
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def check_login(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    is_right = (data.login, data.password) == (b"me@here", RIGHT.encode())
    return AuthResult(success=is_right, handled=False)


async def send(
    port: int,
    tls: Any,
    *,
    password: str | None = None,
    trusted: Path | None = None,
    to: str = "ada@example.com",
    timeout: float = 5,
) -> None:
    settings = MailSettings(timeout=timeout)
    username = "me@here" if password else None
    server = MailServer("localhost", port, username, password, tls)
    context = ssl.create_default_context(cafile=trusted)
    message = MessageWriter(settings).write("password_changed", to)
    await SmtpMailer(server, settings, context).send(message)


async def test_starttls_and_login(certificate: Path) -> None:
    inbox, loop = Inbox(), asyncio.get_running_loop()

    def factory() -> SMTP:
        return SMTP(
            inbox,
            hostname="test",
            loop=loop,
            tls_context=server_context(certificate),
            require_starttls=True,
            authenticator=check_login,
            auth_required=True,
        )

    async with serve(factory) as port:
        await send(port, "required", password=RIGHT, trusted=certificate)
        with pytest.raises(MailUnavailableError, match="Authentication"):
            await send(port, "required", password=WRONG, trusted=certificate)
        with pytest.raises(MailUnavailableError, match="certificate"):
            await send(port, "required", password=RIGHT)

    assert [mail.rcpt_tos for mail in inbox.kept] == [["ada@example.com"]]


async def test_tls_from_the_first_byte(certificate: Path) -> None:
    inbox, loop = Inbox(), asyncio.get_running_loop()
    context = server_context(certificate)
    async with serve(
        lambda: SMTP(inbox, hostname="test", loop=loop), ssl=context
    ) as port:
        await send(port, "implicit", trusted=certificate)
        with pytest.raises(MailUnavailableError):
            await send(port, "implicit")

    assert len(inbox.kept) == 1


async def test_server_without_starttls_gets_no_mail_if_it_is_required() -> None:
    inbox, loop = Inbox(), asyncio.get_running_loop()
    async with serve(lambda: SMTP(inbox, hostname="test", loop=loop)) as port:
        with pytest.raises((MailUnavailableError, MailRejectedError)):
            await send(port, "required")
        await send(port, "optional")

    assert len(inbox.kept) == 1


@pytest.mark.parametrize(
    ("code", "error"), [(452, MailUnavailableError), (550, MailRejectedError)]
)
async def test_refused_recipient_is_tried_again_or_not(
    code: int, error: type[Exception]
) -> None:
    inbox, loop = Inbox(), asyncio.get_running_loop()
    async with serve(lambda: SMTP(inbox, hostname="test", loop=loop)) as port:
        with pytest.raises(error):
            await send(port, "optional", to=f"{code}@example.com")


async def test_refused_connection_fails_at_once() -> None:
    async with serve(asyncio.Protocol) as port:
        pass
    started = monotonic()

    with pytest.raises(MailUnavailableError):
        await send(port, "optional")

    assert monotonic() - started < 1


async def test_server_that_hangs_costs_the_timeout() -> None:
    started = monotonic()
    async with serve(asyncio.Protocol) as port:
        with pytest.raises(MailUnavailableError):
            await send(port, "optional", timeout=0.3)

    assert monotonic() - started < 1


async def test_international_recipient_needs_a_server_that_supports_it() -> None:
    inbox, loop = Inbox(), asyncio.get_running_loop()
    for supported in (True, False):

        def factory(supported: bool = supported) -> SMTP:
            return SMTP(inbox, hostname="test", loop=loop, enable_SMTPUTF8=supported)

        async with serve(factory) as port:
            if supported:
                await send(port, "optional", to="ö@straße.example")
            else:
                with pytest.raises(MailRejectedError):
                    await send(port, "optional", to="ö@straße.example")

    # Not strasse.example, which may have another owner.
    assert [mail.rcpt_tos for mail in inbox.kept] == [["ö@xn--strae-oqa.example"]]


@pytest.mark.parametrize(
    ("url", "tls", "port"),
    [
        ("smtp://mail.example.com", "required", 587),
        ("smtp://10.0.0.1:25", "required", 25),
        ("smtps://mail.example.com", "implicit", 465),
        ("smtp://mailpit:1025", "optional", 1025),
        ("smtp://[::1]:1025", "optional", 1025),
        ("smtp://localhost:1025", "optional", 1025),
    ],
)
def test_tls_is_required_unless_the_server_is_near(
    url: str, tls: str, port: int
) -> None:
    server = parse_server(url)

    assert server is not None
    assert (server.tls, server.port) == (tls, port)


def test_name_and_secret_are_decoded() -> None:
    server = parse_server("smtp://me%40here:r%2Fi%3A@mail.example.com")

    assert server is not None
    assert (server.username, server.password) == ("me@here", "r/i:")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://host:x",
        "smtp://host:99999",
        "smtp://host/path",
        "smtp://host?tls=none",
        "smtp://host\r\nx",
        "console",
    ],
)
def test_url_without_a_server_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="smtps://host:465"):
        MailSettings(url=SecretStr(url))


@pytest.mark.parametrize(
    "sender",
    ["", "ada", "a@b.example\r\nBcc: c@d.example", "A\x00 <a@b.example>", "<>"],
)
def test_sender_that_is_no_address_is_rejected(sender: str) -> None:
    with pytest.raises(ValueError, match="sender|write"):
        MailSettings.model_validate({"from": sender})


@pytest.mark.parametrize(
    "url", ["app.example.com", "ftp://a.example", "https://a.example/?q", "https://a/#"]
)
def test_link_url_that_can_not_begin_a_link_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="https://app|scheme"):
        MailSettings(link_url=url)
