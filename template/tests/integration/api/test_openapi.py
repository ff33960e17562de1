"""The published schema tells the truth."""

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.config import ApiSettings, Settings
from app.main import create_app

PROBLEM = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}


@pytest.fixture
def schema(app: FastAPI) -> dict[str, Any]:
    """The schema. To make it takes a while, so no request is kept waiting."""
    return app.openapi()


def test_problem_documents_have_their_schema(schema: dict[str, Any]) -> None:
    # Your own routes may document other formats, and statuses such as `4XX`.
    failures = {
        f"{method} {path} {status}": response["content"]
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        for status, response in operation["responses"].items()
        if "application/problem+json" in response.get("content", {})
    }

    assert failures
    assert [where for where, content in failures.items() if content != PROBLEM] == []


def test_everything_that_is_referred_to_is_there(schema: dict[str, Any]) -> None:
    referred = set(re.findall(r'"#/components/schemas/(.*?)"', json.dumps(schema)))

    assert "Problem" in referred
    assert referred == schema["components"]["schemas"].keys()


def test_what_is_sent_a_body_says_what_becomes_of_a_bad_one(app: FastAPI) -> None:
    @app.put("/echo")
    async def echo(body: dict[str, int]) -> None: ...

    @app.get("/echo")
    async def listen() -> None: ...

    methods = app.openapi()["paths"]["/echo"]
    assert {*methods["put"]["responses"]} == {"200", "400", "413", "422"}
    assert methods["put"]["responses"]["413"]["content"] == PROBLEM
    assert {*methods["get"]["responses"]} == {"200"}


async def test_the_schema_is_published(
    schema: dict[str, Any], client: AsyncClient
) -> None:
    assert (await client.get("/openapi.json")).json() == schema
    assert (await client.get("/docs")).status_code == 200


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
async def test_closed_docs_do_not_exist(path: str, settings: Settings) -> None:
    closed = {"api": ApiSettings(docs=False)}
    app = create_app(settings.model_copy(update=closed))

    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        assert (await client.get(path)).status_code == 404
