"""Logins that have begun: what the browser keeps until the provider sends it back."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from urllib.parse import urlencode

from pydantic import SecretStr, ValidationError

from app.core.clock import Clock, utc_now
from app.core.oidc_tokens import cookie_keys, is_equal, read_cookie, sign_cookie
from app.oidc.provider import OpenIdProvider
from app.schemas.oidc import Configuration, Login

LIFETIME = timedelta(minutes=10)


def login_url(
    login: Login, provider: OpenIdProvider, configuration: Configuration
) -> str:
    """Return the address of the provider where a login goes on (PKCE, S256)."""
    digest = hashlib.sha256(login.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.settings.client_id,
        "redirect_uri": provider.settings.redirect_uri,
        "scope": provider.settings.scopes,
        "state": login.state,
        "nonce": login.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    endpoint = configuration.authorization_endpoint
    return endpoint + ("&" if "?" in endpoint else "?") + urlencode(query)


@dataclass(frozen=True, slots=True)
class LoginSigner:
    """Signs the cookies of logins, with keys of their own: they are no tokens."""

    keys: Sequence[bytes] = field(repr=False)
    clock: Clock = utc_now

    @classmethod
    def from_keys(cls, keys: Sequence[SecretStr]) -> Self:
        """Derive the keys from those of access tokens."""
        return cls(cookie_keys(keys))

    def sign(self, login: Login, provider: OpenIdProvider) -> str:
        """Return the value of the cookie, which is for one provider."""
        claims, expires_at = login.model_dump(mode="json"), self.clock() + LIFETIME
        return sign_cookie(claims, self.keys[0], provider.name, expires_at)

    def read(self, cookie: str, provider: OpenIdProvider, state: str) -> Login:
        """Return the login of a callback. Raises TokenRejectedError."""
        claims = read_cookie(cookie, self.keys, provider.name)
        try:
            login = Login.model_validate(claims)
        except ValidationError:
            raise provider.rejected("state") from None
        if not is_equal(login.state, state):
            raise provider.rejected("state")
        return login
