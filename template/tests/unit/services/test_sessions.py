"""Business rules of sessions, on the database."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.errors import AuthenticationError
from app.core.limits import RateLimiter
from app.core.security import Identity
from app.db import Database
from app.services.sessions import SessionService
from app.services.users import UserService
from tests.support.auth import cheap_passwords, log_in, register


async def test_deactivation_ends_all_sessions(
    app: FastAPI, client: AsyncClient, database: Database
) -> None:
    await register(client)
    ada = app.state.auth.signer.identify((await log_in(client)).access_token)
    users = UserService(database, cheap_passwords(), RateLimiter(1))
    sessions = SessionService(database)
    await sessions.check(ada)

    for is_active in (False, True):
        await users.set_active(ada.user_id, is_active=is_active)
        with pytest.raises(AuthenticationError):
            await sessions.check(ada)

    await sessions.check(Identity(ada.user_id))
    assert (await sessions.list_live(ada)).total == 0
