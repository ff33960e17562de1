"""Login at an OpenID provider, and access tokens of a provider."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.db import Database
from tests.factories import make_user
from tests.support.auth import bearer
from tests.support.oidc import AUTH, CLIENT, Provider, connect, log_in

ME = "/api/v1/users/me"


@pytest.fixture(scope="module")
def keyed() -> Provider:
    """A provider whose key is made once."""
    return Provider()


@pytest.fixture
def provider(keyed: Provider, app: FastAPI) -> Provider:
    """The provider of the test."""
    provider = Provider(key=keyed.key)
    connect(app, provider)
    return provider


@pytest.fixture
async def browser(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A browser, which sends the cookies of TLS."""
    async with AsyncClient(transport=ASGITransport(app), base_url="https://test") as it:
        yield it


def authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_first_login_creates_a_user_and_the_next_one_finds_it(
    provider: Provider, browser: AsyncClient
) -> None:
    tokens = [(await log_in(browser, provider)).json() for _ in range(2)]

    headers = [authorization(one["access_token"]) for one in tokens]
    first, second = [(await browser.get(ME, headers=it)).json() for it in headers]
    assert first == second
    assert first["email"] == "ada@example.com"


async def test_address_of_an_existing_user_is_not_linked_without_that_user(
    provider: Provider, browser: AsyncClient, app: FastAPI, database: Database
) -> None:
    async with database.session() as session:
        session.add(user := make_user())

    assert (await log_in(browser, provider)).status_code == 409
    begun = await browser.post(f"{AUTH}/link", headers=bearer(app, user.id))
    query = provider.approve(begun.json()["authorization_url"])
    linked = await browser.get(f"{AUTH}/callback", params=query)

    access_token = linked.json()["access_token"]
    assert app.state.auth.signer.verify(access_token) == user.id
    assert (await log_in(browser, provider)).status_code == 200


async def test_new_user_needs_a_verified_address(
    provider: Provider, browser: AsyncClient
) -> None:
    provider.claims["email_verified"] = False

    response = await log_in(browser, provider)

    assert response.status_code == 403
    assert response.json()["error"] == "email_not_verified"


@pytest.mark.parametrize("attack", ["no cookie", "other state", "used code"])
async def test_callback_that_the_browser_did_not_begin_is_rejected(
    attack: str, provider: Provider, browser: AsyncClient
) -> None:
    begun = await browser.get(f"{AUTH}/login")
    query = provider.approve(begun.headers["Location"])
    if attack == "no cookie":
        browser.cookies.clear()
    if attack == "other state":
        query["state"] = "forged"
    if attack == "used code":
        provider.login = {}

    response = await browser.get(f"{AUTH}/callback", params=query)

    assert (response.status_code, response.json()["error"]) == (401, "login_rejected")


@pytest.mark.parametrize(
    "claims", [{"nonce": "other"}, {"iss": "https://x.example"}, {"aud": "x"}]
)
async def test_id_token_of_another_login_is_rejected(
    claims: dict[str, str], provider: Provider, browser: AsyncClient
) -> None:
    provider.forged = claims

    assert (await log_in(browser, provider)).status_code == 401


async def test_login_at_an_unknown_provider_is_not_found(browser: AsyncClient) -> None:
    response = await browser.get("/api/v1/auth/oidc/other/login")

    assert (response.status_code, response.json()["error"]) == (
        404,
        "provider_not_found",
    )


async def test_unavailable_provider_returns_503_and_the_service_stays_ready(
    provider: Provider, browser: AsyncClient
) -> None:
    provider.is_down = True

    response = await browser.get(f"{AUTH}/login")
    ready = await browser.get("/health/ready")

    assert response.json()["error"] == "provider_unavailable"
    assert response.status_code == 503
    assert (ready.status_code, ready.json()["oidc"]) == (200, "unavailable")


async def test_access_token_of_the_provider_is_accepted_for_its_audience(
    provider: Provider, browser: AsyncClient
) -> None:
    await log_in(browser, provider)
    tokens = [provider.sign(aud=aud) for aud in (CLIENT.api_audience, "app")]

    statuses = [
        (await browser.get(ME, headers=authorization(token))).status_code
        for token in tokens
    ]

    assert statuses == [200, 401]
