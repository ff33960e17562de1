"""Error responses: each is a problem document."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from httpx2 import AsyncClient, Response
from pydantic import BaseModel
from starlette.types import Message, Scope

from app.api.errors import DEFAULTS, status_of
from app.core.errors import AppError, OverloadedError

ORIGIN = "https://app.example.com"
FIELDS = {"type", "title", "status", "detail", "error", "request_id"}


class Sized(BaseModel):
    """A request body with one field."""

    size: int


def problem(response: Response) -> dict[str, Any]:
    """Return the problem document of a response, with the fields of every one."""
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document.keys() >= FIELDS
    assert document["status"] == response.status_code
    assert document["request_id"] == response.headers["X-Request-ID"]
    return document


def subclasses(base: type[AppError]) -> Iterator[type[AppError]]:
    """Yield all errors of the tree below a class."""
    for child in base.__subclasses__():
        yield child
        yield from subclasses(child)


@pytest.mark.parametrize(
    "kind", dict.fromkeys(subclasses(AppError)), ids=lambda kind: kind.__name__
)
def test_every_error_has_a_status_and_a_code_of_its_own(kind: type[AppError]) -> None:
    assert status_of(kind("why")) in DEFAULTS
    assert re.fullmatch("[a-z][a-z0-9_]*", kind.code)
    assert kind.code != AppError.code


async def test_unknown_route_returns_a_problem_document(client: AsyncClient) -> None:
    document = problem(await client.get("/nowhere"))

    assert (document["status"], document["error"]) == (404, "route_not_found")
    assert document.keys() == FIELDS


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
async def test_invalid_request_names_the_field_but_not_its_value(
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


async def test_unexpected_error_returns_500_without_details(
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


async def test_error_of_an_open_websocket_is_a_close_frame(app: FastAPI) -> None:
    @app.websocket("/busy")
    async def reject(websocket: WebSocket) -> None:
        await websocket.accept()
        raise OverloadedError("The service is busy; try again.")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    sent = list[Message]()
    scope: Scope = {"type": "websocket", "path": "/busy", "headers": []}
    scope["query_string"] = b""
    await app(scope, receive, send)

    assert [message["type"] for message in sent] == [
        "websocket.accept",
        "websocket.close",
    ]
    assert (sent[1]["code"], sent[1]["reason"]) == (1013, "overloaded")
