"""Authentication dependencies: the current user, and the services behind them."""

from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from app.core.config import Settings
from app.core.errors import AuthenticationError
from app.core.security import PasswordHasher, TokenSigner
from app.core.throttle import FailureCounter

LOGIN_PATH = "/api/v1/auth/token"
bearer = OAuth2PasswordBearer(tokenUrl=LOGIN_PATH, auto_error=False)
# A scheme of its own, so that the OpenAPI schema can tell that it is optional.
optional_bearer = OAuth2PasswordBearer(
    tokenUrl=LOGIN_PATH, auto_error=False, scheme_name="OptionalBearer"
)


@dataclass(slots=True)
class AuthServices:
    """Password hasher, token signer and failure counter, shared by all requests."""

    passwords: PasswordHasher
    signer: TokenSigner
    failures: FailureCounter

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Create the authentication services from the settings."""
        return cls(
            PasswordHasher(settings.auth.hash_workers),
            TokenSigner(settings.auth, settings.secret.key),
            FailureCounter(settings.auth.failures_per_minute),
        )


def get_auth_services(request: Request) -> AuthServices:
    """Return the authentication services of the application."""
    services: AuthServices = request.app.state.auth
    return services


def client_address(request: Request) -> str:
    """Return the IP address of the client, for the throttle.

    A Unix socket has none. Only a proxy on this machine can connect there, and it adds
    the address to the end of `X-Forwarded-For`.
    """
    if request.client:
        return request.client.host
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    return forwarded.rpartition(",")[2].strip()[:45] or "unknown"


async def require_user(
    request: Request, token: Annotated[str | None, Depends(bearer)]
) -> UUID:
    """Return the ID of the current user from the access token. Requires a token.

    The database is not queried, so a deactivated user is accepted until the token
    expires. Raises AuthenticationError.
    """
    if token is None:
        raise AuthenticationError("Send an access token: Authorization: Bearer …")
    return get_auth_services(request).signer.verify(token)


async def get_optional_user(
    request: Request, token: Annotated[str | None, Depends(optional_bearer)]
) -> UUID | None:
    """Return the ID of the current user, or None if the request has no token.

    Raises AuthenticationError for a token that is not valid.
    """
    return None if token is None else get_auth_services(request).signer.verify(token)


CurrentUserId = Annotated[UUID, Depends(require_user)]
OptionalCurrentUser = Annotated[UUID | None, Depends(get_optional_user)]
RequireUser = Depends(require_user)
