"""Tokens, users and logins for tests."""

import asyncio
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.api.security import AuthServices
from app.core.clock import utc_now
from app.core.security import AuthSettings, PasswordHasher
from tests.factories import make_settings, make_user

USER_ID = UUID(int=1)
EMAIL, PHRASE = "ada@example.com", "correct horse"
# Fuzzing takes long, and fails to log in more often than the limit allows.
UNTHROTTLED = AuthSettings(
    access_minutes=1440,
    failures_per_minute=10**9,
    registrations_per_minute=10**9,
    attempts_per_minute=10**9,
)


def cheap_passwords() -> PasswordHasher:
    """Create a hasher with the least work."""
    return PasswordHasher(2, Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


def bearer(app: FastAPI, user_id: UUID, **options: Any) -> dict[str, str]:
    """Create the header of a request with an access token."""
    token = app.state.auth.signer.sign(user_id, utc_now(), **options)
    return {"Authorization": f"Bearer {token}"}


def authenticate(app: FastAPI) -> None:
    """Store the user `USER_ID`, and let the application accept any number of logins."""
    app.state.auth = AuthServices.from_settings(make_settings(auth=UNTHROTTLED))
    app.state.auth.passwords = cheap_passwords()
    url = app.state.settings.database.url.get_secret_value()
    asyncio.run(store_user(url))


async def store_user(url: str) -> None:
    """Insert the user `USER_ID`, and commit."""
    engine = create_async_engine(url)
    async with AsyncSession(engine) as session, session.begin():
        session.add(make_user(id=USER_ID))
    await engine.dispose()


class Login(NamedTuple):
    """The tokens of a session."""

    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        """The header of a request with the access token."""
        return {"Authorization": f"Bearer {self.access_token}"}

    async def refresh(self, client: AsyncClient) -> Response:
        """Send the refresh token."""
        body = {"refresh_token": self.refresh_token}
        return await client.post("/api/v1/auth/refresh", json=body)


async def register(client: AsyncClient, email: str = EMAIL) -> None:
    """Register a user with the password `PHRASE`."""
    body = {"email": email, "password": PHRASE}
    response = await client.post("/api/v1/auth/register", json=body)
    assert response.status_code in (201, 202), response.text


async def log_in(
    client: AsyncClient, email: str = EMAIL, phrase: str = PHRASE
) -> Login:
    """Begin a session."""
    form = {"username": email, "password": phrase}
    response = await client.post("/api/v1/auth/token", data=form)
    assert response.status_code == 200, response.text
    tokens = response.json()
    return Login(tokens["access_token"], tokens["refresh_token"])
