"""The OpenAPI schema."""

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
    """The schema, created before a request because that takes a while."""
    return app.openapi()


def test_problem_documents_have_their_schema(schema: dict[str, Any]) -> None:
    # Your own routes may document other formats, and statuses such as `4XX`.
    responses = {
        f"{method} {path} {status}": response["content"]
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        for status, response in operation["responses"].items()
        if "application/problem+json" in response.get("content", {})
    }

    assert responses
    assert [key for key, content in responses.items() if content != PROBLEM] == []


async def test_schema_behind_a_proxy_names_its_prefix(
    schema: dict[str, Any], app: FastAPI
) -> None:
    transport = ASGITransport(app, root_path="/shop")
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        served = (await client.get("/openapi.json")).json()
        assert (await client.get("/docs")).status_code == 200

    assert served["servers"][0] == {"url": "/shop"}
    assert served["paths"] == schema["paths"]


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
async def test_disabled_docs_return_404(path: str, settings: Settings) -> None:
    closed = {"api": ApiSettings(docs=False)}
    app = create_app(settings.model_copy(update=closed))

    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        assert (await client.get(path)).status_code == 404


def test_route_with_a_body_documents_its_errors(app: FastAPI) -> None:
    @app.put("/echo")
    async def echo(body: dict[str, int]) -> None: ...

    responses = app.openapi()["paths"]["/echo"]["put"]["responses"]
    assert responses.keys() == {"200", "400", "413", "422"}
    assert responses["413"]["content"] == PROBLEM
