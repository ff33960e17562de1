"""Response bodies of logins at OpenID providers."""

from app.schemas.base import ResponseModel


class AuthorizationUrl(ResponseModel):
    """Where the browser goes next."""

    authorization_url: str
