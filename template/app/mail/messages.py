"""Messages: `CONTENTS` has the words, `templates/` the form."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.core.about import NAME
from app.core.mail_settings import MailSettings, to_address
from app.schemas.mail import MailKind


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a mail. `{service}`, `{email}` and `{lifetime}` are replaced."""

    subject: str
    lines: tuple[str, ...]
    # The page of the link, and the text of its button.
    page: str | None = None
    action: str = ""


NOT_YOU = "If it was not you, ignore this mail: nothing changes."
ALERT = (
    "If it was not you, choose a new password now. That ends every session of your"
    " account."
)
CONTENTS: dict[MailKind, Content] = {
    "verify_email": Content(
        "Confirm your e-mail address",
        (
            "Someone, hopefully you, has registered with this address at {service}.",
            "Confirm it within {lifetime}. " + NOT_YOU,
        ),
        page="verify-email",
        action="Confirm address",
    ),
    "change_email": Content(
        "Confirm your new e-mail address",
        (
            "Your account at {service} is to have this address: {email}.",
            "Confirm it within {lifetime}. " + NOT_YOU,
        ),
        page="verify-email",
        action="Confirm address",
    ),
    "reset_password": Content(
        "Choose a new password",
        (
            "Someone, hopefully you, has forgotten the password of your account at"
            " {service}.",
            "Choose a new one within {lifetime}. " + NOT_YOU,
        ),
        page="reset-password",
        action="Choose a password",
    ),
    "address_taken": Content(
        "You have an account already",
        (
            "Someone, hopefully you, wanted to use this address at {service}, where"
            " it belongs to an account already.",
            "Log in, or choose a new password if you do not know it. " + NOT_YOU,
        ),
        page="forgot-password",
        action="Choose a password",
    ),
    "password_changed": Content(
        "Your password was changed",
        ("The password of your account at {service} was changed.", ALERT),
        page="forgot-password",
        action="Choose a password",
    ),
    "email_changed": Content(
        "Your e-mail address was changed",
        (
            "Your account at {service} has another e-mail address now.",
            "If it was not you, contact our support at once.",
        ),
    ),
}


class MessageWriter:
    """Writes mails, in text and HTML, from the templates."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )

    def write(
        self, kind: MailKind, email: str, token: str | None = None
    ) -> EmailMessage:
        """Write a mail. The first one reads the templates.

        Raises ValueError for an address that can not be one.
        """
        content, sender = CONTENTS[kind], self._settings.sender_address
        message = EmailMessage()
        message["From"] = sender
        message["To"] = to_address(email)
        message["Subject"] = f"{content.subject} ({NAME})"
        message["Date"] = localtime()
        message["Message-ID"] = make_msgid(domain=sender.domain)
        message["Auto-Submitted"] = "auto-generated"
        values = {
            "service": NAME,
            "subject": content.subject,
            "lines": self._fill(kind, email),
            "action": content.action,
            "link": self._link(content.page, token),
        }
        text, html = (
            self._templates.get_template(f"mail.{form}").render(values)
            for form in ("txt", "html")
        )
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        return message

    def _fill(self, kind: MailKind, email: str) -> list[str]:
        settings = self._settings
        hours, minutes = settings.verify_hours, settings.reset_minutes
        reset = kind == "reset_password"
        lifetime = f"{minutes:g} minutes" if reset else f"{hours:g} hours"
        values = {"service": NAME, "email": email, "lifetime": lifetime}
        return [line.format(**values) for line in CONTENTS[kind].lines]

    def _link(self, page: str | None, token: str | None) -> str | None:
        """Return a link. Browsers send no fragment, so no log has the token."""
        fragment = f"#token={token}" if token else ""
        return page and f"{self._settings.link_url}/{page}{fragment}"
