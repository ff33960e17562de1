"""Tokens as the outside reads and returns them: RFC 6749, sections 5.1 and 6."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from app.schemas.base import Answer, Request


class TokenPair(Answer):
    """What a login is answered with."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"
    # Seconds that the access token is good for.
    expires_in: int


class RefreshRequest(Request):
    """A refresh token, to be used once."""

    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=512)]
