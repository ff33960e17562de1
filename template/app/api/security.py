"""Authentication dependencies: the current user, and the services behind them."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from fastapi.security import OAuth2PasswordBearer
from starlette.responses import JSONResponse

from app.api.deps import get_client_network, get_database
from app.core.config import Settings
from app.core.errors import AuthenticationError
from app.core.limits import RateLimiter
from app.core.security import Identity, PasswordHasher, TokenSigner
from app.core.throttle import FailureCounter
from app.services.sessions import SessionService

LOGIN_PATH = "/api/v1/auth/token"
bearer = OAuth2PasswordBearer(tokenUrl=LOGIN_PATH, auto_error=False)
# A scheme of its own, so that the OpenAPI schema can tell that it is optional.
optional_bearer = OAuth2PasswordBearer(
    tokenUrl=LOGIN_PATH, auto_error=False, scheme_name="OptionalBearer"
)


@dataclass(slots=True)
class AuthServices:
    """Password hasher, token signer and throttles, shared by all requests."""

    passwords: PasswordHasher
    signer: TokenSigner
    failures: FailureCounter
    registrations: RateLimiter
    attempts: RateLimiter

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Create the authentication services from the settings."""
        auth = settings.auth
        return cls(
            PasswordHasher(auth.hash_workers, timeout=auth.hash_timeout),
            TokenSigner(auth, settings.secret.key),
            FailureCounter(auth.failures_per_minute),
            RateLimiter(auth.registrations_per_minute),
            RateLimiter(auth.attempts_per_minute),
        )


def get_auth_services(connection: HTTPConnection) -> AuthServices:
    """Return the authentication services of the application."""
    services: AuthServices = connection.app.state.auth
    return services


async def require_identity(
    connection: HTTPConnection, token: Annotated[str | None, Depends(bearer)]
) -> Identity:
    """Return the user and the session of the access token. Requires a token.

    Without AUTH_CHECK_SESSIONS the database is not queried: the token of a session that
    has ended, or of a deactivated user, is accepted until it expires. Raises
    AuthenticationError.
    """
    if token is None:
        raise AuthenticationError("Send an access token: Authorization: Bearer …")
    signer = get_auth_services(connection).signer
    identity = signer.identify(token)
    if signer.settings.check_sessions:
        await SessionService(get_database(connection)).check(identity)
    return identity


async def require_session(
    connection: HTTPConnection, token: Annotated[str | None, Depends(bearer)]
) -> Identity:
    """Return the identity, for routes of the account: its session has not ended."""
    identity = await require_identity(connection, token)
    await SessionService(get_database(connection)).check(identity)
    return identity


async def require_user(
    connection: HTTPConnection, token: Annotated[str | None, Depends(bearer)]
) -> UUID:
    """Return the ID of the current user. Raises AuthenticationError."""
    return (await require_identity(connection, token)).user_id


async def get_optional_user(
    connection: HTTPConnection, token: Annotated[str | None, Depends(optional_bearer)]
) -> UUID | None:
    """Return the ID of the current user, or None without a token.

    Raises AuthenticationError for a token that is not valid.
    """
    return None if token is None else await require_user(connection, token)


async def read_schema(request: Request) -> JSONResponse:
    """Return the OpenAPI schema; FastAPI adds a proxy's prefix to `servers` only."""
    prefix = request.scope.get("root_path", "").rstrip("/")
    schema = request.app.openapi()
    if prefix:
        schema = deepcopy(schema)
        schema["servers"] = [{"url": prefix}, *schema.get("servers", [])]
        for scheme in schema["components"].get("securitySchemes", {}).values():
            for flow in scheme.get("flows", {}).values():
                if flow.get("tokenUrl", "").startswith("/"):
                    flow["tokenUrl"] = prefix + flow["tokenUrl"]
    return JSONResponse(schema)


ClientNetwork = Annotated[str, Depends(get_client_network)]
CurrentIdentity = Annotated[Identity, Depends(require_identity)]
CurrentSession = Annotated[Identity, Depends(require_session)]
CurrentUserId = Annotated[UUID, Depends(require_user)]
OptionalCurrentUser = Annotated[UUID | None, Depends(get_optional_user)]
RequireUser = Depends(require_user)
