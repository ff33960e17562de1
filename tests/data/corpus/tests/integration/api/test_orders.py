"""Orders over HTTP."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.services.rates import RateService, RatesUnavailableError

URL = "/api/v1/orders"
RATES = {"CHF": "0.95", "GBP": "0.85", "USD": "1.09"}


def respond(request: httpx2.Request) -> httpx2.Response:
    code = request.url.path.rpartition("/")[2]
    return httpx2.Response(200, json={"rate": RATES[code]})


@pytest.fixture
async def rates() -> AsyncIterator[RateService]:
    transport = httpx2.MockTransport(respond)
    async with AsyncClient(transport=transport, base_url="https://rates") as client:
        yield RateService(client)


async def test_rates_are_fetched_for_each_currency(rates: RateService) -> None:
    found = await rates.latest()

    assert {code: f"{rate}" for code, rate in found.items()} == RATES


async def test_missing_rates_are_503(app: FastAPI, client: AsyncClient) -> None:
    @app.get("/rates")
    async def read() -> None:
        raise RatesUnavailableError("No rates now.")

    response = await client.get("/rates")

    assert (response.status_code, response.json()["error"]) == (
        503,
        "rates_unavailable",
    )
