"""The job that sends a mail."""

from app.jobs.handlers import Handler, JobContext, handles
from app.mail.sender import MailSender
from app.schemas.mail import AccountMail
from app.services.mail_delivery import MailDelivery


def mail_handler(sender: MailSender) -> Handler:
    """Create the handler. Each attempt stores a new token in place of the last one.

    It has no transaction of its own: the token is committed before the mail is sent.
    """
    handler = handles(AccountMail, timeout=90, max_attempts=10, in_transaction=False)

    async def send_mail(job: AccountMail, context: JobContext) -> None:
        await MailDelivery(context.db, sender).send(job)

    return handler(send_mail)
