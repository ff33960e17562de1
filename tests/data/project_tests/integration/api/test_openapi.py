"""The OpenAPI schema."""

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

PROBLEM = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}


@pytest.fixture
def schema(app: FastAPI) -> dict[str, Any]:
    """The schema, created before a request because that takes a while."""
    return app.openapi()


def test_schema_contains_every_referenced_component(schema: dict[str, Any]) -> None:
    referenced = set(re.findall(r'"#/components/schemas/(.*?)"', json.dumps(schema)))

    assert "Problem" in referenced
    assert referenced == schema["components"]["schemas"].keys()


async def test_schema_and_docs_are_served(
    schema: dict[str, Any], client: AsyncClient
) -> None:
    assert (await client.get("/openapi.json")).json() == schema
    assert (await client.get("/docs")).status_code == 200


def test_route_with_a_body_documents_its_errors(app: FastAPI) -> None:
    @app.put("/echo")
    async def echo(body: dict[str, int]) -> None: ...

    @app.get("/echo")
    async def listen() -> None: ...

    methods = app.openapi()["paths"]["/echo"]
    assert {*methods["put"]["responses"]} == {"200", "400", "413", "422"}
    assert methods["put"]["responses"]["413"]["content"] == PROBLEM
    assert {*methods["get"]["responses"]} == {"200"}
