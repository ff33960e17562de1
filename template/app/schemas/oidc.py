"""Documents of OpenID providers, and logins that have begun."""

from secrets import token_urlsafe
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from app.schemas.base import ResponseModel


class AuthorizationUrl(ResponseModel):
    """Where the browser goes next."""

    authorization_url: str


class Configuration(BaseModel):
    """The document of OpenID Connect Discovery."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False

    @model_validator(mode="after")
    def validate_scheme(self) -> Self:
        """Reject endpoints without TLS of an issuer with TLS."""
        urls = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        scheme = "https://" if self.issuer.startswith("https:") else "http"
        if not all(url.startswith(scheme) for url in urls):
            raise ValueError("an endpoint does not use TLS")
        return self


class TokenResponse(BaseModel):
    """Response of the token endpoint."""

    id_token: str


class ErrorResponse(BaseModel):
    """Error response of the token endpoint."""

    error: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]


class Claims(BaseModel):
    """Who has logged in: claims of an ID token."""

    iss: str
    sub: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[ -~]+$")]
    email: str | None = None
    email_verified: bool | None = None


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
