"""Exchange rates of the euro, from another service."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import httpx2

from app.core.errors import UnavailableError

CODES = ("CHF", "GBP", "USD")


class RatesUnavailableError(UnavailableError):
    """The exchange rates can not be fetched."""

    code = "rates_unavailable"


class RateService:
    """Fetches rates with the client that it is given."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def latest(self) -> dict[str, Decimal]:
        """Return the current rates. Raises RatesUnavailableError."""
        try:
            async with asyncio.TaskGroup() as tasks:
                requests = {code: tasks.create_task(self._one(code)) for code in CODES}
        except* (httpx2.HTTPError, InvalidOperation) as errors:
            raise RatesUnavailableError("No rates now; try again.") from errors
        return {code: task.result() for code, task in requests.items()}

    async def _one(self, code: str) -> Decimal:
        response = await self._client.get(f"/rates/{code}")
        response.raise_for_status()
        body: Mapping[str, str] = response.json()
        return Decimal(body["rate"])


async def fetch(url: str) -> bytes:
    """Return the content of a page, with a client of its own."""
    async with httpx2.AsyncClient() as client:
        response = await client.get(url)
        return response.content
