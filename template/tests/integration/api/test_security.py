"""Authentication of requests."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.api.security import RequireUser
from app.core.clock import utc_now
from app.core.ids import uuid7
from tests.open_routes import OPEN_ROUTES


@pytest.fixture
def write(app: FastAPI) -> str:
    """The path of a route that needs a user."""

    @app.post("/write", dependencies=[RequireUser])
    async def write() -> None: ...

    return "/write"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer not-a-token"}])
async def test_route_that_needs_a_user_rejects_other_requests(
    header: dict[str, str], write: str, client: AsyncClient
) -> None:
    response = await client.post(write, headers=header)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_route_that_needs_a_user_accepts_a_token(
    write: str, app: FastAPI, client: AsyncClient
) -> None:
    token = app.state.auth.signer.sign(uuid7(), utc_now())

    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.post(write, headers=headers)).status_code == 200


def test_every_write_needs_a_user_or_is_on_the_open_list(app: FastAPI) -> None:
    unguarded = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if method != "get" and {} in operation.get("security", [{}])
    }

    assert unguarded == OPEN_ROUTES
