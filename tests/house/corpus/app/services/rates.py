"""What a euro costs, asked of somebody else."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import httpx2

from app.core.errors import UnavailableError

CODES = ("CHF", "GBP", "USD")


class RatesUnavailableError(UnavailableError):
    """Nobody says now what money is worth."""

    code = "rates_unavailable"


class RateService:
    """Asks for rates; who may be asked is handed in."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def latest(self) -> dict[str, Decimal]:
        """Return the rates of the moment. Raises RatesUnavailableError."""
        try:
            async with asyncio.TaskGroup() as tasks:
                asked = {code: tasks.create_task(self._one(code)) for code in CODES}
        except* (httpx2.HTTPError, InvalidOperation) as errors:
            raise RatesUnavailableError("No rates now; try again.") from errors
        return {code: task.result() for code, task in asked.items()}

    async def _one(self, code: str) -> Decimal:
        answer = await self._client.get(f"/rates/{code}")
        answer.raise_for_status()
        body: Mapping[str, str] = answer.json()
        return Decimal(body["rate"])


async def fetch(url: str) -> bytes:
    """Return what is there, with a client of its own."""
    async with httpx2.AsyncClient() as client:
        response = await client.get(url)
        return response.content
