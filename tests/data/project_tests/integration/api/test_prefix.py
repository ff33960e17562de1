"""The service under the path prefix of a proxy."""

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient


# The schema looks for email-validator on the disk.
@pytest.mark.blocks
async def test_schema_has_the_prefix_in_its_token_url(app: FastAPI) -> None:
    transport = ASGITransport(app, root_path="/shop")
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        schema = (await client.get("/openapi.json")).json()

    assert schema["servers"] == [{"url": "/shop"}]
    (scheme,) = schema["components"]["securitySchemes"].values()
    assert scheme["flows"]["password"]["tokenUrl"] == "/shop/api/v1/auth/token"
    assert "servers" not in app.openapi()
