"""Changes of an account while its tokens are used, on a database that commits."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.database_settings import DatabaseSettings
from app.core.limits import RateLimiter
from app.core.security import AuthSettings, Identity, TokenSigner
from app.core.throttle import FailureCounter
from app.db import Database
from app.db.factory import open_database
from app.schemas.user import PasswordChange, UserCreate
from app.services.accounts import AccountService
from app.services.auth import AuthService, RefreshTokenRejectedError
from app.services.sessions import SessionService
from app.services.users import UserService
from tests.support.auth import EMAIL, PHRASE, cheap_passwords
from tests.support.databases import migrate, new_database

# The migrations of a database block.
pytestmark = pytest.mark.blocks
CHANGE = PasswordChange.model_validate(
    {"current_password": PHRASE, "new_password": "battery staple"}
)


class PausingLimiter(RateLimiter):
    """Stops a refresh in its transaction until it may go on."""

    def __init__(self) -> None:
        super().__init__(100)
        self.paused, self.resumed = asyncio.Event(), asyncio.Event()

    async def check(self, *keys: str) -> None:
        if keys[0].startswith("refresh:user:"):
            self.paused.set()
            await self.resumed.wait()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with new_database(tmp_path) as url:
        migrate(url)
        yield url


@pytest.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    database = open_database(DatabaseSettings(url=SecretStr(url)))
    yield database
    await database.close()


@pytest.mark.parametrize("change", ["password", "sign-out", "deletion", "one session"])
async def test_refresh_in_progress_does_not_survive_the_end_of_its_session(
    change: str, database: Database
) -> None:
    limiter = PausingLimiter()
    auth = AuthService(
        database,
        cheap_passwords(),
        TokenSigner(AuthSettings(), (SecretStr("k" * 32),)),
        FailureCounter(9),
        limiter,
        timedelta(days=1),
    )
    users = UserService(database, auth.passwords, RateLimiter(9))
    data = {"email": EMAIL, "password": PHRASE}
    user = await users.register(UserCreate.model_validate(data))
    pair = await auth.log_in(EMAIL, PHRASE, "10.0.0.1")
    identity = auth.signer.identify(pair.access_token)

    refresh = asyncio.create_task(auth.refresh(pair.refresh_token, "10.0.0.1"))
    await limiter.paused.wait()
    accounts, everywhere = AccountService(auth), Identity(user.id)
    changes = {
        "password": lambda: accounts.change_password(everywhere, CHANGE, "10.0.0.1"),
        "sign-out": lambda: users.sign_out(user.id),
        "deletion": lambda: accounts.delete(identity),
        "one session": lambda: SessionService(database).log_out(identity),
    }
    changing = asyncio.create_task(changes[change]())
    await asyncio.sleep(0.3)
    limiter.resumed.set()
    successor = (await refresh).refresh_token
    await changing

    with pytest.raises(RefreshTokenRejectedError):
        await auth.refresh(successor, "10.0.0.1")
