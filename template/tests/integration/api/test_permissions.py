"""Permissions of routes."""

import time

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.api.permissions import require
from app.core.ids import uuid7
from app.core.permissions import Permission
from app.core.security import Identity
from tests.open_routes import OPEN_ROUTES, ROUTES_WITHOUT_PERMISSION


@pytest.fixture
def route(app: FastAPI) -> str:
    """The path of a route that needs a permission."""

    @app.get("/profile", dependencies=[require(Permission.PROFILE_READ)])
    async def profile() -> None: ...

    return "/profile"


def test_every_route_states_its_permission_or_is_listed(app: FastAPI) -> None:
    unstated = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if not any(any(one.values()) for one in operation.get("security", []))
    }

    # Your own open routes may be listed once.
    assert unstated == ROUTES_WITHOUT_PERMISSION | OPEN_ROUTES


@pytest.mark.parametrize(("granted", "status"), [([], 403), ([*Permission], 200)])
async def test_caller_without_the_permission_is_rejected(
    granted: list[Permission],
    status: int,
    route: str,
    app: FastAPI,
    client: AsyncClient,
) -> None:
    identity = Identity(uuid7(), permissions=frozenset(granted))
    app.state.auth.signer.verified["known"] = identity, time.time() + 60

    response = await client.get(route, headers={"Authorization": "Bearer known"})

    assert response.status_code == status
    assert status == 200 or response.json()["error"] == "permission_denied"


async def test_caller_without_a_token_is_not_authenticated(
    route: str, client: AsyncClient
) -> None:
    assert (await client.get(route)).status_code == 401


def test_schema_shows_the_permission(route: str, app: FastAPI) -> None:
    operation = app.openapi()["paths"][route]["get"]

    assert operation["security"] == [{"OAuth2PasswordBearer": ["profile:read"]}]
    assert "403" in operation["responses"]
