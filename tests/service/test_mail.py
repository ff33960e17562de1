"""The time of a response does not tell whether an address is known."""

import asyncio
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import pytest
from httpx2 import AsyncClient

from extensions.serving import environment, migrate
from tests.support.fixture_types import Project
from tests.support.service import PASSWORD, running

AUTH = "/api/v1/auth"
KNOWN = "known@example.com"
ROUNDS = 150
# Shares of the middle half of the times of one kind, between which the medians differ.
TOLERANCE = 0.5


async def measure(client: AsyncClient, path: str, **body: str) -> float:
    started = perf_counter()
    response = await client.post(f"{AUTH}/{path}", json=body)
    assert response.status_code == 202, response.text
    return perf_counter() - started


async def alternate(client: AsyncClient, path: str, **more: str) -> list[list[float]]:
    """Return the times for a known address, and for unknown ones, in turns."""
    times: list[list[float]] = [[], []]
    for number in range(ROUNDS):
        for kind, email in enumerate((KNOWN, f"{path[:8]}{number}@example.com")):
            times[kind].append(await measure(client, path, email=email, **more))
            # The mail, which is sent after the response.
            await asyncio.sleep(0.02)
    return times


@pytest.mark.nightly
@pytest.mark.parametrize("path", ["password/forgot", "register"])
def test_duration_does_not_tell_whether_an_address_is_known(
    path: str, project: Project, tmp_path: Path
) -> None:
    folder = project({"mail": True})
    limits = {"MAIL_PER_HOUR": "9999", "AUTH_REGISTRATIONS_PER_MINUTE": "9999"}
    variables = environment(f"sqlite+aiosqlite:///{tmp_path}/own.db") | limits
    migrate(folder, variables)
    more = {"password": PASSWORD} if path == "register" else {}

    async def compare() -> list[list[float]]:
        async with service.client() as client:
            await measure(client, "register", email=KNOWN, password=PASSWORD)
            return await alternate(client, path, **more)

    with running(folder, tmp_path / "log", variables) as service:
        known, unknown = (quantiles(each, n=4) for each in asyncio.run(compare()))
        service.end()

    spread = max(known[2] - known[0], unknown[2] - unknown[0])
    assert abs(known[1] - unknown[1]) < TOLERANCE * spread
