"""Settings of OpenID Connect."""

import json
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from app.core.base_settings import SettingsGroup

URL = TypeAdapter(HttpUrl)
ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


def validate_url(text: str) -> str:
    """Accept a URL without a fragment, as it is written: issuers are compared."""
    if URL.validate_python(text).fragment is not None:
        raise ValueError("this URL has no fragment")
    return text


def parse_json(value: object) -> object:
    """Parse the text of a variable. Raises ValueError without the text."""
    return json.loads(value) if isinstance(value, str) else value


Url = Annotated[str, AfterValidator(validate_url)]


class OidcProvider(SettingsGroup):
    """An OpenID provider, and this service as its client."""

    model_config = ConfigDict(extra="forbid")

    # Exactly as in its tokens, with or without a slash at the end.
    issuer: Url
    client_id: str = Field(min_length=1)
    # A public client has none.
    client_secret: SecretStr | None = None
    # Where the provider sends the browser: the callback, or a page that calls it.
    redirect_uri: Url
    scopes: str = "openid email"
    # Whether addresses count as verified if the provider does not tell.
    trust_email: bool = False
    # Its access tokens for this audience are accepted, with all of these scopes.
    api_audience: str | None = Field(default=None, min_length=1)
    api_scopes: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def validate_audience(self) -> "OidcProvider":
        """Reject the audience of ID tokens: they would be access tokens, too."""
        if self.api_audience == self.client_id:
            raise ValueError("api_audience is not the client_id: ID tokens are for it")
        return self


class OidcSettings(SettingsGroup):
    """OpenID providers by the name in the paths of their routes."""

    providers: Annotated[
        dict[ProviderName, OidcProvider], NoDecode, BeforeValidator(parse_json)
    ] = {}

    @field_validator("providers")
    @classmethod
    def validate_issuers(
        cls, providers: dict[str, OidcProvider]
    ) -> dict[str, OidcProvider]:
        """Reject an issuer with two names: its tokens could not be assigned."""
        if len({it.issuer for it in providers.values()}) < len(providers):
            raise ValueError("each issuer has one provider")
        return providers

    def production_errors(self) -> list[str]:
        """Return an error for each provider whose traffic could be read."""
        return [
            f"OIDC_PROVIDERS: {name}: issuer and redirect_uri begin with https://"
            for name, it in self.providers.items()
            if not (it.issuer.startswith("https:") and it.redirect_uri[:6] == "https:")
        ]
