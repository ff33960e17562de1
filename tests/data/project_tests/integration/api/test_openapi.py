"""The published schema tells the truth."""

from typing import Any

import pytest
from fastapi import FastAPI

PROBLEM = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}


@pytest.fixture
def schema(app: FastAPI) -> dict[str, Any]:
    """The schema. To make it takes a while, so no request is kept waiting."""
    return app.openapi()


def test_route_with_a_body_documents_its_errors(app: FastAPI) -> None:
    @app.put("/echo")
    async def echo(body: dict[str, int]) -> None: ...

    @app.get("/echo")
    async def listen() -> None: ...

    methods = app.openapi()["paths"]["/echo"]
    assert {*methods["put"]["responses"]} == {"200", "400", "413", "422"}
    assert methods["put"]["responses"]["413"]["content"] == PROBLEM
    assert {*methods["get"]["responses"]} == {"200"}
