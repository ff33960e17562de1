"""Logins that have begun: what the browser keeps until the provider sends it back."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_urlsafe
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

import jwt
from pydantic import BaseModel, Field, SecretStr, ValidationError

from app.core.clock import Clock, utc_now
from app.oidc.provider import Configuration, OpenIdProvider

ALGORITHM = "HS256"
LIFETIME = timedelta(minutes=10)


def random_text() -> str:
    """Return 256 random bits."""
    return token_urlsafe(32)


class Login(BaseModel):
    """A login that has begun. Nothing is stored: the browser has it in a cookie."""

    state: str = Field(default_factory=random_text)
    nonce: str = Field(default_factory=random_text)
    verifier: str = Field(default_factory=random_text)
    # The user who adds the identity to an account; None for a login.
    user_id: UUID | None = None

    def url(self, provider: OpenIdProvider, configuration: Configuration) -> str:
        """Return the address of the provider where the login goes on (PKCE, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": provider.settings.client_id,
            "redirect_uri": provider.settings.redirect_uri,
            "scope": provider.settings.scopes,
            "state": self.state,
            "nonce": self.nonce,
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
        texts = [key.get_secret_value().encode() for key in keys]
        return cls([hmac.digest(text, b"oidc login", "sha256") for text in texts])

    def sign(self, login: Login, provider: OpenIdProvider) -> str:
        """Return the value of the cookie, which is for one provider."""
        claims = login.model_dump(mode="json") | {
            "aud": provider.name,
            "exp": self.clock() + LIFETIME,
        }
        return jwt.encode(claims, self.keys[0], ALGORITHM)

    def read(self, cookie: str, provider: OpenIdProvider, state: str) -> Login:
        """Return the login of a callback. Raises TokenRejectedError."""
        for key in self.keys:
            try:
                claims = jwt.decode(
                    cookie,
                    key,
                    [ALGORITHM],
                    audience=provider.name,
                    options={"require": ["exp", "aud"]},
                )
                login = Login.model_validate(claims)
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidTokenError, ValidationError):
                break
            if hmac.compare_digest(login.state.encode(), state.encode()):
                return login
            break
        raise provider.rejected("state")
