"""Error responses: each is a problem document."""

from typing import Any

from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import BaseModel

from app.core.errors import ConflictError

MEMBERS = {"type", "title", "status", "detail", "error", "request_id"}


class Sized(BaseModel):
    """A request body with one field."""

    size: int


def problem(response: Response) -> dict[str, Any]:
    """Return the problem document of a response, with the fields of every one."""
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document.keys() >= MEMBERS
    assert document["status"] == response.status_code
    assert document["request_id"] == response.headers["X-Request-ID"]
    return document


async def test_wrong_method_lists_the_methods_of_all_routes_of_a_path(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/pair")
    async def read() -> None: ...

    @app.delete("/pair")
    async def remove() -> None: ...

    assert (await client.put("/pair")).headers["Allow"] == "DELETE, GET, HEAD"


async def test_body_that_is_no_text_returns_400(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.post("/sized")
    async def sized(body: Sized) -> None: ...

    kind = {"Content-Type": "application/json"}
    response = await client.post("/sized", content=b"\xff", headers=kind)

    assert problem(response)["error"] == "bad_request"


async def test_domain_error_returns_its_status_and_message(
    app: FastAPI, client: AsyncClient
) -> None:
    @app.get("/taken")
    async def taken() -> None:
        raise ConflictError("The lamp is taken.")

    document = problem(await client.get("/taken"))

    assert (document["status"], document["error"]) == (409, "conflict")
    assert document["detail"] == "The lamp is taken."
