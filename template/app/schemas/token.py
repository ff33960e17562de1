"""Request and response bodies of tokens (RFC 6749, sections 5.1 and 6)."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from app.schemas.base import RequestModel, ResponseModel


class TokenPair(ResponseModel):
    """Response to a login and to a refresh."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"
    # Seconds until the access token expires.
    expires_in: int


class RefreshRequest(RequestModel):
    """A refresh token, which can be used once."""

    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=512)]
