"""The job that sends a mail."""

from app.jobs.handlers import Handler, JobContext, handles
from app.mail.sender import MailSender
from app.schemas.mail import AccountMail
from app.services.mail_delivery import MailDelivery


def mail_handler(sender: MailSender) -> Handler:
    """Create the handler."""

    # Outside of a transaction: the token is committed before the mail is sent.
    @handles(AccountMail, timeout=90, max_attempts=10, in_transaction=False)
    async def send_mail(job: AccountMail, context: JobContext) -> None:
        """Send a mail; each attempt has another token, which replaces the last one."""
        await MailDelivery(context.db, sender).send(job)

    return send_mail
