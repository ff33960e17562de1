"""Settings of mail: the server, the sender, and the lifetimes of links."""

from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator

from app.core.base_settings import SettingsGroup

PORTS = {"smtp": 587, "smtps": 465}
# Servers of this machine, which may speak without TLS.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
URL_FORM = "write smtp://user:<secret>@host:587, smtps://host:465 or console:"


class MailServer(NamedTuple):
    """A server that accepts mail."""

    host: str
    port: int
    username: str | None
    password: str | None
    # From the first byte, by STARTTLS, or by STARTTLS if the server offers it.
    tls: Literal["implicit", "required", "optional"]


class MailSettings(SettingsGroup):
    """How mails are sent, and how long their links are valid."""

    # `console:` writes mails into the log.
    url: SecretStr = SecretStr("console:")
    sender: str = Field(default="no-reply@example.com", alias="from")
    # The pages of the links: `<link_url>/verify-email` and others.
    link_url: str = "http://localhost:3000"
    # Seconds that the server has to accept a mail.
    timeout: float = Field(default=10, gt=0, le=60)
    verify_hours: float = Field(default=24, gt=0, le=720)
    reset_minutes: float = Field(default=30, gt=0, le=1440)
    # Mails to an address that requests may ask for within an hour.
    per_hour: int = Field(default=10, ge=1)
    # Whether users may log in before their address is verified.
    unverified_login: bool = False

    @field_validator("url")
    @classmethod
    def validate_url(cls, url: SecretStr) -> SecretStr:
        """Reject a URL that names no server."""
        parse_server(url.get_secret_value())
        return url

    @field_validator("sender")
    @classmethod
    def validate_sender(cls, sender: str) -> str:
        """Reject what is no address, or no name with an address."""
        parse_sender(sender)
        return sender

    @field_validator("link_url")
    @classmethod
    def validate_link_url(cls, url: str) -> str:
        """Return the URL without the final slash."""
        try:
            parsed = HttpUrl(url)
        except ValidationError:
            raise ValueError("write https://app.example.com") from None
        if parsed.query is not None or parsed.fragment is not None or parsed.username:
            raise ValueError("a link begins with scheme://host, and may have a path")
        return f"{parsed}".rstrip("/")

    @property
    def server(self) -> MailServer | None:
        """The server, or None for the console."""
        return parse_server(self.url.get_secret_value())

    @property
    def sender_address(self) -> Address:
        """The sender, as the header From has it."""
        return parse_sender(self.sender)

    def production_errors(self) -> list[str]:
        """Return an error for each variable that is missing, or an example."""
        required = {"url": "URL", "sender": "FROM", "link_url": "LINK_URL"}
        return [
            f"MAIL_{name}: is required in production"
            for field, name in required.items()
            if getattr(self, field) == type(self).model_fields[field].default
        ]


def parse_server(text: str) -> MailServer | None:
    """Parse a URL; None is the console. Raises ValueError, without the URL."""
    if text == "console:":
        return None
    try:
        url = urlsplit(text)
        port = url.port or PORTS[url.scheme]
    except (ValueError, KeyError):
        raise ValueError(URL_FORM) from None
    host = url.hostname
    if (
        not host
        or not text.isprintable()
        or url.path.strip("/")
        or set(text) & {*"?# "}
    ):
        raise ValueError(URL_FORM)
    # A name without a dot is a container beside this one.
    is_near = host in LOOPBACK or not set(host) & {*".:"}
    return MailServer(
        host,
        port,
        unquote(url.username) if url.username else None,
        unquote(url.password) if url.password else None,
        "implicit" if url.scheme == "smtps" else "optional" if is_near else "required",
    )


def parse_sender(text: str) -> Address:
    """Parse `ada@example.com` or `Ada <ada@example.com>`. Raises ValueError."""
    name, email = parseaddr(text)
    if not text.isprintable():
        raise ValueError("a sender is one line")
    return to_address(email, name)


def to_address(email: str, name: str = "") -> Address:
    """Return an address with its domain in ASCII, as servers expect it (IDNA 2008).

    Raises ValueError for a text that is no address, such as one with a line break.
    """
    try:
        found = validate_email(
            email, check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        raise ValueError("write ada@example.com or Ada <ada@example.com>") from None
    return Address(name, found.local_part, found.ascii_domain)
