"""Authentication of requests with API keys: `Authorization: Bearer <key>`.

A key is accepted only by routes that state a permission: `require(Permission.…)`.
"""

from fastapi.requests import HTTPConnection

from app.api.deps import get_client_network, get_database
from app.core.errors import (
    AuthenticationError,
    ForbiddenError,
    ThrottledError,
    UnavailableError,
)
from app.core.throttle import FailureCounter
from app.services.api_keys import KEY_PREFIX, ApiKeyService, KeyIdentity


class SessionRequiredError(ForbiddenError):
    """The route is for users who have logged in."""

    code = "session_required"


def is_api_key(credential: str) -> bool:
    """Return whether a bearer credential is an API key, valid or not."""
    return credential.startswith(KEY_PREFIX)


async def require_key(
    connection: HTTPConnection, key: str, unknown: FailureCounter
) -> KeyIdentity:
    """Return whose API key it is.

    Raises:
        AuthenticationError: The key is unknown, expired or revoked, or its owner is
            inactive.
        ThrottledError: The client has sent too many unknown keys.
        SessionRequiredError: The route states no permission.
    """
    identity = await find_key(connection, key, unknown)
    if identity is None:
        raise AuthenticationError("The API key is not valid.")
    if not getattr(connection.state, "accepts_keys", False):
        raise SessionRequiredError("Log in: API keys are not accepted here.")
    return identity


async def find_key(
    connection: HTTPConnection, key: str, unknown: FailureCounter
) -> KeyIdentity | None:
    """Return whose API key it is, or None, with one query for each request.

    Unknown keys are counted by address, so that a flood of them causes few queries.
    Raises ThrottledError.
    """
    state = connection.state
    if not hasattr(state, "api_key"):
        address = await get_client_network(connection)
        await unknown.check(address)
        state.api_key = await ApiKeyService(get_database(connection)).find(key)
        if state.api_key is None:
            await unknown.record_failure(address)
    found: KeyIdentity | None = state.api_key
    return found


async def key_caller(
    connection: HTTPConnection, key: str, unknown: FailureCounter
) -> str:
    """Return the key under which requests are counted: a known API key, or address."""
    try:
        identity = await find_key(connection, key, unknown)
    except (ThrottledError, UnavailableError):
        identity = None  # The route raises the error again.
    if identity is None:
        return f"address:{await get_client_network(connection)}"
    return f"key:{identity.key_id}"


async def record_use(connection: HTTPConnection, identity: KeyIdentity) -> None:
    """Store when an API key was used. This runs after the response."""
    # Not `get_database`: the transaction of the request has ended.
    await ApiKeyService(connection.app.state.database).record_use(identity)
