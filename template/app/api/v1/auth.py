"""/auth: what takes long is done before the transaction is opened."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, status
from fastapi.security import OAuth2PasswordRequestForm

from app.api.deps import ReaderDep, SessionDep
from app.api.errors import documented
from app.api.security import KeyringDep
from app.schemas.token import RefreshRequest, TokenPair
from app.schemas.user import UserCreate, UserRead
from app.services.auth import Authenticator, Login, TokenService
from app.services.users import UserService

Form = Annotated[OAuth2PasswordRequestForm, Depends()]


async def hash_password(data: UserCreate, keyring: KeyringDep) -> str:
    """Hash the new password, while no connection is held."""
    return await keyring.passwords.hash(data.password.get_secret_value())


async def verify_login(
    request: Request, form: Form, reader: ReaderDep, keyring: KeyringDep
) -> Login:
    """Check the password, while no connection is held."""
    address = request.client.host if request.client else "unknown"
    known = Authenticator(reader, keyring.passwords, keyring.failures)
    return await known.verify(form.username, form.password, address)


async def get_users(session: SessionDep) -> UserService:
    """Build what changes users, in this request's transaction."""
    return UserService(session)


async def get_tokens(session: SessionDep, keyring: KeyringDep) -> TokenService:
    """Build what hands out tokens, in this request's transaction."""
    lifetime = timedelta(days=keyring.settings.auth.refresh_days)
    return TokenService(session, keyring.signer, lifetime)


Tokens = Annotated[TokenService, Depends(get_tokens)]

router = APIRouter(prefix="/auth", tags=["auth"])

# Dependencies are made in their order: first the slow work, then the transaction.


@router.post(
    "/register", status_code=status.HTTP_201_CREATED, responses=documented(409)
)
async def register(
    data: UserCreate,
    password_hash: Annotated[str, Depends(hash_password)],
    users: Annotated[UserService, Depends(get_users)],
) -> UserRead:
    """Create a user."""
    return await users.register(data.email, password_hash)


@router.post("/token", responses=documented(401, 429))
async def sign_in(
    login: Annotated[Login, Depends(verify_login)], tokens: Tokens
) -> TokenPair:
    """Exchange an address, sent as `username`, and a password for tokens."""
    return await tokens.start(login)


@router.post("/refresh", responses=documented(401))
async def refresh(data: RefreshRequest, tokens: Tokens) -> TokenPair:
    """Exchange a refresh token for new tokens. It can be used once."""
    return await tokens.rotate(data.refresh_token.get_secret_value())
