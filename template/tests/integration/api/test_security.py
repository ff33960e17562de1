"""What changes something needs a token."""

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import AsyncClient

from app.api.router import guarded
from app.core.ids import uuid7
from app.models.base import utc_now


@pytest.fixture
def write(app: FastAPI) -> str:
    """The path of a route that is guarded as every write is."""
    router = APIRouter(dependencies=guarded.dependencies)

    @router.post("/write")
    async def write() -> None: ...

    app.include_router(router)
    return "/write"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer not-a-token"}])
async def test_nobody_writes_without_a_token(
    header: dict[str, str], write: str, client: AsyncClient
) -> None:
    response = await client.post(write, headers=header)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_whoever_has_a_token_writes(
    write: str, app: FastAPI, client: AsyncClient
) -> None:
    token = app.state.keyring.signer.sign(uuid7(), utc_now())

    headers = {"Authorization": f"Bearer {token}"}
    assert (await client.post(write, headers=headers)).status_code == 200


def test_every_write_is_published_as_guarded(app: FastAPI) -> None:
    open_to_all = {
        "/api/v1/auth/register",
        "/api/v1/auth/token",
        "/api/v1/auth/refresh",
    }
    unguarded = {
        path
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if method != "get" and "security" not in operation
    }

    assert unguarded == open_to_all
