"""`OpenIdProvider`: endpoints and keys of a provider, code exchange, token checks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import quote

from httpx2 import (
    AsyncBaseTransport,
    AsyncClient,
    BasicAuth,
    HTTPError,
    HTTPStatusError,
    InvalidURL,
    Response,
)
from pydantic import ValidationError

from app.core.errors import AuthenticationError, ForbiddenError, UnavailableError
from app.core.logging import get_logger
from app.core.oidc_settings import OidcProvider
from app.core.oidc_tokens import Key, TokenError, key_id_of, usable_keys, verify
from app.schemas.oidc import Claims, Configuration, ErrorResponse, TokenResponse

log = get_logger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"
MAX_TOKEN_LENGTH = 16_384
# Seconds that the provider has to respond.
TIMEOUT = 5
# What a provider that is down, or is not one, can cause.
FAILURES = (HTTPError, InvalidURL, TimeoutError, ValueError, TokenError)
# Age in seconds from which keys are fetched again, and from which they are not used.
REFRESH_AGE, MAX_AGE = 3600, 86_400
# Seconds between two fetches: after a success, and after a failure without any keys.
PAUSE, RETRY = 60, 5


class TokenRejectedError(AuthenticationError):
    """The provider, or the check of its token, has rejected the login."""

    code = "login_rejected"


class ProviderUnavailableError(UnavailableError):
    """The OpenID provider does not respond, or not as the standard requires."""

    code = "provider_unavailable"
    retry_after = RETRY


@dataclass(slots=True)
class OpenIdProvider:
    """A provider: its configuration and keys are fetched at first use, and cached."""

    name: str
    settings: OidcProvider
    leeway: float = 5
    transport: AsyncBaseTransport | None = None
    clock: Callable[[], float] = monotonic
    # Whether the last request to the provider succeeded.
    is_available: bool = True
    _http: AsyncClient = field(init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _configuration: Configuration | None = None
    _keys: dict[str | None, Key] = field(default_factory=dict[str | None, Key])
    _fetched_at: float = -inf
    _next_fetch: float = -inf

    def __post_init__(self) -> None:
        self._http = AsyncClient(timeout=TIMEOUT, transport=self.transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def configuration(self) -> Configuration:
        """Return the endpoints. Raises ProviderUnavailableError.

        Keys of the last day are used while the provider is unavailable, and no request
        waits for another one that refreshes them.
        """
        age = self.clock() - self._fetched_at
        if age > MAX_AGE or (age > REFRESH_AGE and not self._lock.locked()):
            await self._refresh()
        if not self._configuration or self.clock() - self._fetched_at > MAX_AGE:
            raise self._unavailable()
        return self._configuration

    async def exchange(self, code: str, verifier: str, issuer: str = "") -> str:
        """Exchange an authorization code for an ID token.

        Args:
            code: The code of the callback; empty if the provider denied the login.
            verifier: The secret of PKCE.
            issuer: The parameter `iss` of the callback (RFC 9207), if it has one.

        Raises TokenRejectedError, ProviderUnavailableError.
        """
        configuration = await self.configuration()
        sends_issuer = configuration.authorization_response_iss_parameter_supported
        if (issuer or sends_issuer) and issuer != configuration.issuer:
            raise self.rejected("iss")
        if not code:
            raise self.rejected("denied")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self.settings.redirect_uri,
            "client_id": self.settings.client_id,
        }
        try:
            response = await self._post(configuration, form)
            if response.status_code == 400 and error_of(response) == "invalid_grant":
                raise self.rejected("the code is not valid")
            response.raise_for_status()
            return TokenResponse.model_validate_json(response.content).id_token
        except FAILURES as error:
            raise self._unavailable(error) from error

    async def verify_id_token(self, token: str, nonce: str) -> Claims:
        """Return who has logged in.

        Raises TokenRejectedError, ProviderUnavailableError.
        """
        client = self.settings.client_id
        claims = await self._verify(token, client)
        parties = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
        if claims.get("azp", client if len(parties) == 1 else None) != client:
            raise self.rejected("azp")
        if claims.get("nonce") != nonce:
            raise self.rejected("nonce")
        return self._parse(claims)

    async def verify_access_token(self, token: str) -> Claims:
        """Return whose access token it is.

        Raises TokenRejectedError, ProviderUnavailableError, and ForbiddenError if the
        token has not all scopes.
        """
        claims = await self._verify(token, self.settings.api_audience or "")
        # RFC 9068: a text. Okta and Microsoft: `scp`, a list or a text.
        scopes = claims.get("scope", claims.get("scp", ""))
        given = scopes.split() if isinstance(scopes, str) else scopes
        if not self.settings.api_scopes <= {*given}:
            raise ForbiddenError("The access token has not the scopes of this API.")
        return self._parse(claims)

    def rejected(self, reason: str) -> TokenRejectedError:
        """Log why a login or a token is rejected; the client is not told."""
        log.info("oidc_rejected", provider=self.name, reason=reason)
        return TokenRejectedError("The login or its token is not valid; log in again.")

    async def _verify(self, token: str, audience: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise self.rejected("length")
        try:
            key = await self._key(key_id_of(token))
            return verify(token, key, self.settings.issuer, audience, self.leeway)
        except TokenError as error:
            raise self.rejected(type(error).__name__) from error

    def _parse(self, claims: dict[str, Any]) -> Claims:
        try:
            return Claims.model_validate(claims)
        except ValidationError as error:
            raise self.rejected("claims") from error

    async def _key(self, key_id: str | None) -> Key:
        """Return a key. An unknown one may be new, so the keys are fetched again."""
        await self.configuration()
        if key_id not in self._keys:
            await self._refresh()
        if key_id not in self._keys:
            raise self.rejected("key") if self.is_available else self._unavailable()
        return self._keys[key_id]

    async def _refresh(self) -> None:
        """Fetch the configuration and the keys, for all requests at most once a minute.

        If that fails, what was fetched before stays.
        """
        async with self._lock:
            if self.clock() < self._next_fetch:
                return
            self._next_fetch = self.clock() + (PAUSE if self._configuration else RETRY)
            try:
                async with asyncio.timeout(TIMEOUT):
                    configuration = await self._discover()
                    keys = (await self._get(configuration.jwks_uri)).json()
                self._keys = usable_keys(keys)
            except FAILURES as error:
                self._unavailable(error)
                return
            self._configuration, self.is_available = configuration, True
            self._fetched_at = self.clock()
            self._next_fetch = self._fetched_at + PAUSE

    async def _discover(self) -> Configuration:
        issuer = self.settings.issuer
        response = await self._get(issuer.rstrip("/") + WELL_KNOWN)
        configuration = Configuration.model_validate_json(response.content)
        if configuration.issuer != issuer:
            raise ValueError("the configuration is of another issuer")
        return configuration

    async def _get(self, url: str) -> Response:
        return (await self._http.get(url)).raise_for_status()

    async def _post(
        self, configuration: Configuration, form: dict[str, str]
    ) -> Response:
        """Send a form to the token endpoint, authenticated as RFC 6749 describes."""
        url, secret = configuration.token_endpoint, self.settings.client_secret
        async with asyncio.timeout(TIMEOUT):
            if secret is None:
                return await self._http.post(url, data=form)
            value = secret.get_secret_value()
            if (
                "client_secret_basic"
                in configuration.token_endpoint_auth_methods_supported
            ):
                basic = BasicAuth(quote(form["client_id"], ""), quote(value, ""))
                return await self._http.post(url, data=form, auth=basic)
            return await self._http.post(url, data=form | {"client_secret": value})

    def _unavailable(self, error: Exception | None = None) -> ProviderUnavailableError:
        if error is not None:
            self.is_available = False
            log.warning(
                "oidc_provider_failed", provider=self.name, cause=describe(error)
            )
        return ProviderUnavailableError("The login provider is not available now.")


def describe(error: Exception) -> str:
    """Return the cause of a failure without URLs, codes and tokens."""
    if isinstance(error, HTTPStatusError):
        return f"{error.response.status_code} {error_of(error.response)}".strip()
    return type(error).__name__


def error_of(response: Response) -> str:
    """Return the error code of a token response, such as `invalid_client`."""
    try:
        return ErrorResponse.model_validate_json(response.content).error
    except ValidationError:
        return ""
