"""An OpenID provider for tests, in memory. It signs with a key that is made here."""

import json
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from jwt.algorithms import RSAAlgorithm
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.core.oidc_settings import OidcProvider, OidcSettings
from app.oidc.providers import OpenIdProviders
from tests.factories import make_settings

ISSUER = "https://id.example.com"
AUTH = "/api/v1/auth/oidc/corp"
CLIENT = OidcProvider(
    issuer=ISSUER,
    client_id="app",
    client_secret=SecretStr("hunter2"),
    redirect_uri=f"https://test{AUTH}/callback",
    api_audience="https://test/api",
)


@dataclass
class Provider:
    """A provider with one user, `claims`; tests change what it responds."""

    claims: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "1",
            "email": "ada@example.com",
            "email_verified": True,
        }
    )
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(65537, 2048)
    )
    key_id: str = "k1"
    is_down: bool = False
    # Claims of ID tokens in place of the right ones.
    forged: dict[str, Any] = field(default_factory=dict[str, Any])
    # The query of the login whose code was not used yet.
    login: dict[str, str] = field(default_factory=dict[str, str])
    requests: list[str] = field(default_factory=list[str])

    def transport(self) -> ASGITransport:
        """Return the network between the service and the provider."""
        routes = [
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/keys", self.keys),
            Route("/token", self.token, methods=["POST"]),
        ]
        return ASGITransport(Starlette(routes=routes))

    async def configuration(self, request: Request) -> JSONResponse:
        """Respond with the document of the discovery."""
        self.requests.append(request.url.path)
        document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        return JSONResponse(document, 503 if self.is_down else 200)

    async def keys(self, request: Request) -> JSONResponse:
        """Respond with the public key."""
        self.requests.append(request.url.path)
        public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [public | {"kid": self.key_id, "use": "sig"}]})

    async def token(self, request: Request) -> JSONResponse:
        """Exchange the code of the last login, once."""
        form, login = await request.form(), self.login
        self.login = {}
        if form["code"] != "code" or not login:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"id_token": self.sign(**{"nonce": login["nonce"]} | self.forged)}
        )

    def sign(self, **claims: Any) -> str:
        """Return a token of the user, an ID token for the client by default."""
        now = int(time())
        fixed = {"iss": ISSUER, "aud": CLIENT.client_id, "iat": now, "exp": now + 60}
        payload = fixed | self.claims | claims
        return jwt.encode(payload, self.key, "RS256", headers={"kid": self.key_id})

    def approve(self, location: str) -> dict[str, str]:
        """Log the user in; return the query with which the browser is sent back."""
        query = parse_qs(urlsplit(location).query)
        self.login = {name: values[0] for name, values in query.items()}
        return {"code": "code", "state": self.login["state"]}


def connect(app: FastAPI, provider: Provider) -> None:
    """Let the application use a provider, under the name `corp`."""
    settings = make_settings(
        oidc=OidcSettings(providers={"corp": CLIENT}),
        auth=app.state.settings.auth,
        secret=app.state.settings.secret,
    )
    app.state.oidc = OpenIdProviders.from_settings(settings, provider.transport())


async def log_in(client: AsyncClient, provider: Provider) -> Response:
    """Log in like a browser, and return the response of the callback."""
    redirect = await client.get(f"{AUTH}/login")
    query = provider.approve(redirect.headers["Location"])
    return await client.get(f"{AUTH}/callback", params=query)
