"""Who calls in the tests, and how the service knows them without taking its time."""

import asyncio
from uuid import UUID

from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.api.security import AuthServices
from app.core.clock import utc_now
from app.core.security import AuthSettings, PasswordHasher
from tests.factories import make_settings, make_user

CALLER = UUID(int=1)
# However long a search takes, and however often it fails to sign in.
PATIENT = AuthSettings(access_minutes=1440, failures_per_minute=10**9)


def cheap_passwords() -> PasswordHasher:
    """Hash at the least cost."""
    return PasswordHasher(2, Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


def let_in(app: FastAPI) -> None:
    """Store the caller for good, in an application that bears with everybody."""
    app.state.auth = AuthServices.from_settings(make_settings(auth=PATIENT))
    app.state.auth.passwords = cheap_passwords()
    url = app.state.settings.database.url.get_secret_value()
    asyncio.run(store_caller(url))


async def store_caller(url: str) -> None:
    """Put the row into the database."""
    engine = create_async_engine(url)
    async with AsyncSession(engine) as session, session.begin():
        session.add(make_user(id=CALLER))
    await engine.dispose()


def headers_of_caller(app: FastAPI) -> dict[str, str]:
    """Sign a token for the caller."""
    token = app.state.auth.signer.sign(CALLER, utc_now())
    return {"Authorization": f"Bearer {token}"}
