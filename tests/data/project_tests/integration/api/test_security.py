"""Authentication of requests."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.api.security import OptionalCurrentUser
from app.core.clock import utc_now
from app.core.ids import uuid7


@pytest.fixture
def greeting(app: FastAPI) -> str:
    """The path of a route for users and for others."""

    @app.get("/greeting")
    async def greet(user_id: OptionalCurrentUser) -> str:
        return f"{user_id}"

    return "/greeting"


async def test_optional_user_is_none_without_a_token(
    greeting: str, app: FastAPI, client: AsyncClient
) -> None:
    user_id = uuid7()
    token = app.state.auth.signer.sign(user_id, utc_now())
    headers = {"Authorization": f"Bearer {token}"}

    assert (await client.get(greeting)).json() == "None"
    assert (await client.get(greeting, headers=headers)).json() == f"{user_id}"
    headers = {"Authorization": "Bearer not-a-token"}
    assert (await client.get(greeting, headers=headers)).status_code == 401


def test_optional_user_is_documented_as_optional(greeting: str, app: FastAPI) -> None:
    operation = app.openapi()["paths"][greeting]["get"]
    assert operation["security"] == [{"OAuth2PasswordBearer": []}, {}]
