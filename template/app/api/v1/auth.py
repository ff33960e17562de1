"""Routes of /auth: registration, login and token refresh.

To leave a route out of your service, remove it here.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, status
from fastapi.security import OAuth2PasswordRequestForm

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.security import ClientNetwork, get_auth_services
from app.api.v1.users import Users
from app.schemas.token import RefreshRequest, TokenPair
from app.schemas.user import UserCreate, UserRead
from app.services.auth import AuthService

router = APIRouter(
    prefix="/api/v1/auth", tags=["auth"], responses=problem_responses(503)
)


async def get_auth_service(request: Request) -> AuthService:
    """Create the service for one request."""
    auth = get_auth_services(request)
    lifetime = timedelta(days=auth.signer.settings.refresh_days)
    return AuthService(
        get_database(request),
        auth.passwords,
        auth.signer,
        auth.failures,
        auth.attempts,
        lifetime,
    )


Auth = Annotated[AuthService, Depends(get_auth_service)]
LoginForm = Annotated[OAuth2PasswordRequestForm, Depends()]


@router.post(
    "/register",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(409, 429),
)
async def register(data: UserCreate, network: ClientNetwork, users: Users) -> UserRead:
    """Create a user."""
    return await users.register(data, network)


@router.post("/token", responses=problem_responses(401, 429))
async def log_in(network: ClientNetwork, form: LoginForm, auth: Auth) -> TokenPair:
    """Exchange an e-mail address, sent as `username`, and a password for tokens."""
    return await auth.log_in(form.username, form.password, network)


@router.post("/refresh", responses=problem_responses(401, 429))
async def refresh(
    data: RefreshRequest, network: ClientNetwork, auth: Auth
) -> TokenPair:
    """Exchange a refresh token, which can be used once, for new tokens.

    A retry within some seconds returns the same refresh token.
    """
    return await auth.refresh(data.refresh_token.get_secret_value(), network)
