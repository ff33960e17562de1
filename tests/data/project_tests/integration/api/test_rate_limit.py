"""The limit of requests for each caller, and the addresses that are counted."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient

from app.api.deps import get_client_network, warn_untrusted_proxy
from app.core.config import ApiSettings, CorsSettings, Settings
from app.main import create_app
from tests.factories import make_settings

HEADERS = {"RateLimit", "RateLimit-Policy"}


@pytest.fixture
def limited(settings: Settings) -> FastAPI:
    """The application with a limit of three requests."""
    limit = {"api": ApiSettings(requests_per_minute=3)}
    return create_app(settings.model_copy(update=limit))


@pytest.fixture
async def caller(limited: FastAPI) -> AsyncGenerator[AsyncClient]:
    async with AsyncClient(
        transport=ASGITransport(limited), base_url="http://test"
    ) as client:
        yield client


def at(app: FastAPI, address: str, root_path: str = "") -> AsyncClient:
    """Create a client at an address."""
    transport = ASGITransport(app, client=(address, 5000), root_path=root_path)
    return AsyncClient(transport=transport, base_url="http://test")


async def test_addresses_are_counted_by_network(limited: FastAPI) -> None:
    addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "10.0.0.1"]

    sent = [(await at(limited, each).get("/nowhere")).status_code for each in addresses]

    assert sent == [404, 404, 404, 429, 404]


async def test_probes_are_not_limited_below_a_prefix(limited: FastAPI) -> None:
    client = at(limited, "10.0.0.1", root_path="/shop")

    probes = [await client.get("/shop/health/live") for _ in range(5)]
    others = [await client.get("/shop/nowhere") for _ in range(4)]

    assert {probe.status_code for probe in probes} == {200}
    assert all("RateLimit" not in probe.headers for probe in probes)
    assert others[-1].status_code == 429


async def test_browsers_may_read_the_headers_of_a_rejection(
    limited: FastAPI, caller: AsyncClient
) -> None:
    origin = {"Origin": "https://app.example.com"}
    asked = {**origin, "Access-Control-Request-Method": "POST"}
    preflights = [await caller.options("/nowhere", headers=asked) for _ in range(5)]

    responses = [await caller.get("/nowhere", headers=origin) for _ in range(4)]

    assert {preflight.status_code for preflight in preflights} == {200}
    exposed = responses[-1].headers["Access-Control-Expose-Headers"]
    assert responses[-1].status_code == 429
    assert {*exposed.split(", ")} >= HEADERS | {"Retry-After"}


async def test_unlimited_responses_have_no_quota(client: AsyncClient) -> None:
    response = await client.get("/nowhere")

    assert not HEADERS & {*response.headers}


def test_schema_documents_the_limit_only_where_there_is_one(
    limited: FastAPI, app: FastAPI
) -> None:
    @app.get("/things")
    async def limited_route() -> None: ...

    limited.get("/things")(limited_route)
    schema = limited.openapi()["paths"]
    unlimited = app.openapi()["paths"]["/things"]["get"]["responses"]

    things = schema["/things"]["get"]["responses"]
    assert things["429"]["headers"].keys() == HEADERS | {"Retry-After"}
    assert things["200"]["headers"].keys() == HEADERS
    assert "429" not in schema["/health/live"]["get"]["responses"]
    assert unlimited.keys() == {"200"}


@pytest.mark.parametrize(
    ("sent", "warned"),
    [
        ({}, False),
        ({"X-Forwarded-For": "1.2.3.4"}, True),
        ({"X-Forwarded-For": "1.2.3.4, 10.0.0.1"}, False),
    ],
)
async def test_ignored_header_of_a_proxy_is_logged_once(
    sent: dict[str, str], warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    warn_untrusted_proxy.cache_clear()
    headers = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
    scope = {"type": "http", "client": ("10.0.0.1", 80), "headers": headers}

    for _ in range(3):
        assert await get_client_network(Request(scope)) == "10.0.0.1"

    assert capsys.readouterr().out.count("untrusted_proxy") == warned


@pytest.mark.parametrize("proxies", [{}, {"forwarded_allow_ips": "10.0.0.1"}])
async def test_start_without_trusted_proxies_is_logged_in_production(
    proxies: dict[str, str], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    production = settings.model_dump(exclude_unset=True, exclude={"environment"})
    app = create_app(make_settings(**production, **proxies))
    app.state.settings = app.state.settings.model_copy(
        update={"environment": "production", "cors": CorsSettings()}
    )

    async with app.router.lifespan_context(app):
        logged = capsys.readouterr().out

    assert ("no_trusted_proxy" in logged) is not bool(proxies)


@pytest.mark.parametrize("given", ["10.0.0.1/8", "proxy", "10.0.0.1,*", "10.0.0"])
def test_entry_that_the_server_would_ignore_ends_the_start(given: str) -> None:
    with pytest.raises(ValueError, match="write addresses, networks"):
        make_settings(forwarded_allow_ips=given)


@pytest.mark.parametrize("given", ["*", "::1, 10.0.0.0/8", "127.0.0.1"])
def test_addresses_and_networks_of_proxies_are_accepted(given: str) -> None:
    assert make_settings(forwarded_allow_ips=given).forwarded_allow_ips == given
