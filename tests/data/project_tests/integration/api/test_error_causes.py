"""Error responses: each is a problem document."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.core.errors import UnavailableError

FIELDS = {"type", "title", "status", "detail", "error", "request_id"}


def problem(response: Response) -> dict[str, Any]:
    """Return the problem document of a response, with the fields of every one."""
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document.keys() >= FIELDS
    assert document["status"] == response.status_code
    assert document["request_id"] == response.headers["X-Request-ID"]
    return document


async def test_cause_of_a_503_is_only_logged(
    app: FastAPI, client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.get("/away")
    async def away() -> None:
        raise UnavailableError("Later.") from ConnectionRefusedError("at 10.0.0.7")

    response = await client.get("/away")

    document = problem(response)
    assert (document["status"], document["detail"]) == (503, "Later.")
    assert response.headers["Retry-After"] == "1"
    assert "10.0.0.7" not in response.text, "ERR-06: the client reads where it is"
    refused, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert refused["cause"] == "ConnectionRefusedError at 10.0.0.7"


async def test_wrong_method_returns_405_with_the_allowed_methods(
    client: AsyncClient,
) -> None:
    response = await client.post("/health/live")

    assert problem(response)["error"] == "method_not_allowed"
    assert response.headers["Allow"] == "GET, HEAD"
