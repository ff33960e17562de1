"""The outbox of a request: each mail is a job."""

from typing import Annotated

from fastapi import Depends

from app.db import Transaction
from app.schemas.mail import AccountMail
from app.services.jobs import enqueue
from app.services.mail import Outbox


class JobOutbox(Outbox):
    """Stores mails as jobs, with the write that needs them."""

    async def add(self, transaction: Transaction, mail: AccountMail) -> None:
        """Add a mail."""
        await enqueue(transaction, mail)


async def get_outbox() -> Outbox:
    """Create the outbox for one request."""
    return JobOutbox()


MailOutbox = Annotated[Outbox, Depends(get_outbox)]
