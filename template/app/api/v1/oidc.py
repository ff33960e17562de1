"""Routes of /auth/oidc: login at an OpenID provider (authorization code with PKCE)."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.responses import RedirectResponse

from app.api.deps import get_database
from app.api.errors import problem_responses
from app.api.foreign_tokens import get_providers
from app.api.security import ClientNetwork, CurrentSession
from app.api.v1.auth import Auth
from app.oidc.login import LIFETIME, login_url
from app.oidc.provider import OpenIdProvider
from app.schemas.oidc import AuthorizationUrl, Login
from app.schemas.token import TokenPair
from app.services.identities import IdentityService

router = APIRouter(
    prefix="/api/v1/auth/oidc/{provider}",
    tags=["auth"],
    responses=problem_responses(404, 503),
)


async def get_provider(request: Request, provider: str) -> OpenIdProvider:
    """Return the provider of the path. Raises ProviderNotFoundError."""
    return get_providers(request).get(provider)


async def get_identity_service(request: Request, auth: Auth) -> IdentityService:
    """Create the service for one request."""
    return IdentityService(get_database(request), auth)


Provider = Annotated[OpenIdProvider, Depends(get_provider)]
Identities = Annotated[IdentityService, Depends(get_identity_service)]
Parameter = Annotated[str, Query(max_length=4096)]


@router.get(
    "/login", status_code=status.HTTP_302_FOUND, response_class=RedirectResponse
)
async def begin_login(request: Request, provider: Provider) -> RedirectResponse:
    """Redirect the browser to the provider."""
    url, cookie = await begin(request, provider)
    response = RedirectResponse(url, status.HTTP_302_FOUND)
    set_cookie(response, provider, cookie, LIFETIME)
    return response


@router.post("/link", responses=problem_responses(401))
async def link(
    request: Request, response: Response, provider: Provider, identity: CurrentSession
) -> AuthorizationUrl:
    """Begin a login that adds the identity at the provider to the current user."""
    url, cookie = await begin(request, provider, identity.user_id)
    set_cookie(response, provider, cookie, LIFETIME)
    return AuthorizationUrl(authorization_url=url)


@router.get("/callback", responses=problem_responses(401, 403, 409, 429))
async def finish_login(
    request: Request,
    response: Response,
    network: ClientNetwork,
    provider: Provider,
    identities: Identities,
    code: Parameter = "",
    state: Parameter = "",
    iss: Parameter = "",
) -> TokenPair:
    """Exchange the code of the provider for tokens, in the browser that began."""
    await identities.auth.attempts.check(f"oidc:address:{network}")
    cookie = request.cookies.get(cookie_name(provider), "")
    login = get_providers(request).logins.read(cookie, provider, state)
    set_cookie(response, provider, "", timedelta(0))
    id_token = await provider.exchange(code, login.verifier, iss)
    claims = await provider.verify_id_token(id_token, login.nonce)
    if login.user_id is not None:
        return await identities.link(claims, login.user_id)
    return await identities.log_in(claims, trust_email=provider.settings.trust_email)


async def begin(
    request: Request, provider: OpenIdProvider, user_id: UUID | None = None
) -> tuple[str, str]:
    """Return the address of the provider, and the cookie of a new login."""
    configuration = await provider.configuration()
    login = Login(user_id=user_id)
    cookie = get_providers(request).logins.sign(login, provider)
    return login_url(login, provider, configuration), cookie


def is_secure(provider: OpenIdProvider) -> bool:
    """Return whether browsers reach the service by TLS."""
    return provider.settings.redirect_uri.startswith("https:")


def cookie_name(provider: OpenIdProvider) -> str:
    """Return the name of the cookie. `__Host-` keeps other hosts from setting it."""
    return f"{'__Host-' if is_secure(provider) else ''}oidc-{provider.name}"


def set_cookie(
    response: Response, provider: OpenIdProvider, value: str, lifetime: timedelta
) -> None:
    """Set the cookie of a login; browsers send it to the callback, not to scripts."""
    response.set_cookie(
        cookie_name(provider),
        value,
        max_age=int(lifetime.total_seconds()),
        secure=is_secure(provider),
        httponly=True,
        samesite="lax",
    )
