"""Access tokens of OpenID providers, which the service accepts beside its own."""

from typing import Literal

from fastapi.requests import HTTPConnection

from app.api.deps import get_database
from app.core.security import Identity
from app.oidc.providers import OpenIdProviders
from app.services.identities import IdentityReader


def get_providers(connection: HTTPConnection) -> OpenIdProviders:
    """Return the OpenID providers of the application."""
    providers: OpenIdProviders = connection.app.state.oidc
    return providers


def provider_state(connection: HTTPConnection) -> Literal["ok", "unavailable"] | None:
    """Return whether the last request to each provider succeeded; None in a worker."""
    providers: OpenIdProviders | None = getattr(connection.app.state, "oidc", None)
    if providers is None:
        return None
    return "ok" if providers.are_available else "unavailable"


async def identify_foreign(connection: HTTPConnection, token: str) -> Identity | None:
    """Return the user of a provider's access token, or None for all other tokens.

    Raises AuthenticationError, ForbiddenError, ProviderUnavailableError.
    """
    provider = get_providers(connection).issuer_of(token)
    if provider is None:
        return None
    claims = await provider.verify_access_token(token)
    return await IdentityReader(get_database(connection)).identify(claims)
