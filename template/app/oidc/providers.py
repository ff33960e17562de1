"""All OpenID providers of the service, shared by all requests."""

from dataclasses import dataclass
from typing import Self

from httpx2 import AsyncBaseTransport

from app.core.config import Settings
from app.core.errors import NotFoundError
from app.core.oidc_tokens import unverified_issuer
from app.oidc.login import LoginSigner
from app.oidc.provider import MAX_TOKEN_LENGTH, OpenIdProvider


class ProviderNotFoundError(NotFoundError):
    """No provider has this name."""

    code = "provider_not_found"


@dataclass(frozen=True, slots=True)
class OpenIdProviders:
    """Providers by name, and the signer of the cookies of logins."""

    by_name: dict[str, OpenIdProvider]
    # Providers whose access tokens are accepted.
    by_issuer: dict[str, OpenIdProvider]
    logins: LoginSigner

    @classmethod
    def from_settings(
        cls, settings: Settings, transport: AsyncBaseTransport | None = None
    ) -> Self:
        """Create the providers; none of them is called before it is needed."""
        leeway = settings.auth.leeway_seconds
        by_name = {
            name: OpenIdProvider(name, provider, leeway, transport)
            for name, provider in settings.oidc.providers.items()
        }
        by_issuer = {
            one.settings.issuer: one
            for one in by_name.values()
            if one.settings.api_audience
        }
        return cls(by_name, by_issuer, LoginSigner.from_keys(settings.secret.key))

    @property
    def are_available(self) -> bool:
        """Whether the last request to each provider succeeded."""
        return all(one.is_available for one in self.by_name.values())

    def get(self, name: str) -> OpenIdProvider:
        """Return a provider. Raises ProviderNotFoundError."""
        if name not in self.by_name:
            raise ProviderNotFoundError("There is no login provider with this name.")
        return self.by_name[name]

    def issuer_of(self, token: str) -> OpenIdProvider | None:
        """Return the provider that verifies an access token; None: another one does.

        The issuer is not verified yet: it only selects the keys that the token needs.
        """
        if not self.by_issuer or len(token) > MAX_TOKEN_LENGTH:
            return None
        return self.by_issuer.get(unverified_issuer(token) or "")

    async def close(self) -> None:
        """Close the connections to all providers."""
        for provider in self.by_name.values():
            await provider.close()
