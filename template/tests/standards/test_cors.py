"""Which pages may read an answer."""

import pytest
from httpx2 import AsyncClient
from pydantic import ValidationError

from app.core.config import CorsSettings


@pytest.mark.parametrize("origin", ["*", "https://*", "https://*.example.com", "null"])
def test_no_wildcard_is_an_origin(origin: str) -> None:
    with pytest.raises(ValidationError):
        CorsSettings(origins=(origin,))
        pytest.fail(f"SEC-08: DID NOT RAISE: {origin} lets everybody in")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://app.example.com", "https://app.example.com"),
        ("https://other.example.com", None),
        ("https://app.example.com.evil.example", None),
        ("null", None),
    ],
)
async def test_only_a_listed_origin_is_let_in(
    origin: str, expected: str | None, client: AsyncClient
) -> None:
    answer = await client.get("/health/live", headers={"Origin": origin})

    allowed = answer.headers.get("Access-Control-Allow-Origin")
    assert allowed == expected, f"SEC-08: {origin} is answered {allowed}"
