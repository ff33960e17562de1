"""The outbox of a request: its mails are sent after the response."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request

from app.api.deps import get_database
from app.core.errors import UnavailableError
from app.core.logging import get_logger
from app.db import Transaction
from app.mail.mailer import MailUnavailableError
from app.schemas.mail import AccountMail
from app.services.mail import Outbox
from app.services.mail_delivery import MailDelivery

log = get_logger(__name__)
# Seconds after each attempt to send a mail.
PAUSES = (1.0, 5.0)


@dataclass(frozen=True, slots=True)
class TaskOutbox(Outbox):
    """Keeps mails in memory: they are lost if the process is killed.

    They are not sent after an error, since its response has no tasks.
    """

    tasks: BackgroundTasks
    delivery: MailDelivery

    async def add(self, transaction: Transaction, mail: AccountMail) -> None:
        """Add a mail."""
        self.tasks.add_task(deliver, self.delivery, mail)


async def deliver(delivery: MailDelivery, mail: AccountMail) -> None:
    """Send a mail, in up to three attempts."""
    done = False
    try:
        for pause in (*PAUSES, 0):
            try:
                await delivery.send(mail)
                done = True
                return
            except (MailUnavailableError, UnavailableError) as error:
                log.warning("mail not sent", kind=mail.kind, cause=str(error))
            await asyncio.sleep(pause)
    finally:
        if not done:
            log.error("mail lost", kind=mail.kind)


async def get_outbox(request: Request, tasks: BackgroundTasks) -> Outbox:
    """Create the outbox for one request."""
    sender = request.app.state.mail_sender
    return TaskOutbox(tasks, MailDelivery(get_database(request), sender))


MailOutbox = Annotated[Outbox, Depends(get_outbox)]
