"""Failures over HTTP: whatever goes wrong, the answer is a problem document."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import BaseModel

from app.core.errors import ConflictError, UnavailableError

ORIGIN = "https://app.example.com"
MEMBERS = {"type", "title", "status", "detail", "error", "request_id"}


class Sized(BaseModel):
    """A body to be got wrong."""

    size: int


def problem(response: Response) -> dict[str, Any]:
    """Read a problem document, and hold it against what every one promises."""
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document.keys() >= MEMBERS
    assert document["status"] == response.status_code
    assert document["request_id"] == response.headers["X-Request-ID"]
    return document


async def test_an_unknown_route_is_a_problem(client: AsyncClient) -> None:
    document = problem(await client.get("/nowhere"))

    assert (document["status"], document["error"]) == (404, "route_not_found")
    assert document.keys() == MEMBERS


async def test_a_wrong_method_is_a_problem(client: AsyncClient) -> None:
    response = await client.post("/health/live")

    assert problem(response)["error"] == "method_not_allowed"
    assert response.headers["Allow"] == "GET"


async def test_a_wrong_method_is_told_every_right_one(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/pair")
    async def read() -> None: ...

    @app.delete("/pair")
    async def remove() -> None: ...

    assert (await client.put("/pair")).headers["Allow"] == "DELETE, GET"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"size": "hunter2"}', "size"),
        (b'{"size": ["hunter2"]}', "size"),
        (b'"hunter2"', "body"),
        (b'{"size": hunter2}', "body"),
        (b'{"color": "hunter2"}', "size"),
    ],
)
async def test_what_does_not_fit_is_explained_and_not_repeated(
    body: bytes, field: str, app: FastAPI, client: AsyncClient
) -> None:
    @app.post("/sized")
    async def sized(body: Sized) -> None: ...

    kind = {"Content-Type": "application/json"}
    response = await client.post("/sized?key=hunter2", content=body, headers=kind)

    document = problem(response)
    assert (document["status"], document["error"]) == (422, "invalid_request")
    assert [error["field"] for error in document["errors"]] == [field]
    assert all(error["message"] for error in document["errors"])
    assert "hunter2" not in response.text, "ERR-06: the client reads its own value"


async def test_a_body_that_is_no_text_is_a_problem(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.post("/sized")
    async def sized(body: Sized) -> None: ...

    kind = {"Content-Type": "application/json"}
    response = await client.post("/sized", content=b"\xff", headers=kind)

    assert problem(response)["error"] == "bad_request"


async def test_a_crash_is_a_problem_that_tells_nothing(
    app: FastAPI, client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError("hunter2")

    response = await client.get("/boom", headers={"Origin": ORIGIN})

    document = problem(response)
    assert (document["status"], document["error"]) == (500, "internal_error")
    assert "hunter2" not in response.text, "ERR-06: the client reads what crashed"
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    crash, request = map(json.loads, capsys.readouterr().out.splitlines())
    assert "RuntimeError: hunter2" in crash["exception"]
    assert (crash["level"], crash["request_id"]) == ("error", document["request_id"])
    assert request["status"] == 500


async def test_an_expected_failure_speaks_to_the_caller(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/taken")
    async def taken() -> None:
        raise ConflictError("The lamp is taken.")

    document = problem(await client.get("/taken"))

    assert (document["status"], document["error"]) == (409, "conflict")
    assert document["detail"] == "The lamp is taken."


async def test_why_something_is_unavailable_is_for_the_log_alone(
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
