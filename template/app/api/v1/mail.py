"""Routes of /auth that send mail, or take the token of one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.outbox import MailOutbox
from app.api.security import ClientNetwork, CurrentSession, get_auth_services
from app.api.v1.accounts import Accounts
from app.api.v1.users import Users
from app.schemas.mail import EmailVerification, MailRequest, PasswordReset
from app.schemas.user import EmailChange, UserCreate
from app.services.mail import MailService

router = APIRouter(
    prefix="/api/v1/auth", tags=["auth"], responses=problem_responses(429, 503)
)


async def get_mail_service(
    request: Request, users: Users, outbox: MailOutbox
) -> MailService:
    """Create the service for one request."""
    auth = get_auth_services(request)
    database = get_database(request)
    return MailService(database, users, outbox, auth.mails, auth.registrations)


Mails = Annotated[MailService, Depends(get_mail_service)]


@router.post("/register", status_code=status.HTTP_202_ACCEPTED, response_class=Response)
async def register(data: UserCreate, network: ClientNetwork, mails: Mails) -> None:
    """Create a user, who gets a mail. The response is the same for a known address."""
    await mails.register(data, network)


@router.post(
    "/verify-email/request",
    status_code=status.HTTP_202_ACCEPTED,
    response_class=Response,
)
async def request_verification(
    data: MailRequest, network: ClientNetwork, mails: Mails
) -> None:
    """Send a new link to an address, if it belongs to an account."""
    await mails.request("verify_email", data.email, network)


@router.post(
    "/verify-email",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(403, 409),
)
async def verify_email(
    data: EmailVerification, network: ClientNetwork, mails: Mails
) -> None:
    """Prove an address by the token of a link, which can be used once."""
    await mails.verify(data.token.get_secret_value(), network)


@router.post(
    "/password/forgot",
    status_code=status.HTTP_202_ACCEPTED,
    response_class=Response,
)
async def forgot_password(
    data: MailRequest, network: ClientNetwork, mails: Mails
) -> None:
    """Send a link to an address, if it belongs to an account."""
    await mails.request("reset_password", data.email, network)


@router.post(
    "/password/reset",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(403),
)
async def reset_password(
    data: PasswordReset, network: ClientNetwork, mails: Mails
) -> None:
    """Store a new password by the token of a link, and end all sessions."""
    await mails.reset(data.token.get_secret_value(), data.new_password, network)


@router.post(
    "/email",
    status_code=status.HTTP_202_ACCEPTED,
    response_class=Response,
    responses=problem_responses(403),
)
async def change_email(
    data: EmailChange,
    identity: CurrentSession,
    network: ClientNetwork,
    accounts: Accounts,
    mails: Mails,
) -> None:
    """Send a link to the new address, which stores it by its token."""
    user = await accounts.verify(identity, data.current_password, network)
    await mails.request_change(user["id"], data.email, network)
