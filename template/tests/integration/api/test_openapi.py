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


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
async def test_disabled_docs_return_404(path: str, settings: Settings) -> None:
    closed = {"api": ApiSettings(docs=False)}
    app = create_app(settings.model_copy(update=closed))

    async with AsyncClient(
        transport=ASGITransport(app), base_url="http://test"
    ) as client:
        assert (await client.get(path)).status_code == 404
