"""A service under a path prefix, as docs/deployment.md of a project describes it."""

from collections.abc import Iterator

import pytest

from tests.support.service import Service
from tests.support.single_node import Node


@pytest.fixture
def prefixed(busy_node: tuple[Node, Service]) -> Iterator[Service]:
    """Start the service for a proxy that removes the prefix /shop."""
    node, _ = busy_node
    with node.serving(UVICORN_ROOT_PATH="/shop") as service:
        yield service


def test_docs_and_schema_contain_the_prefix_and_probes_do_not(
    prefixed: Service,
) -> None:
    schema = prefixed.get("/openapi.json").json()

    schemes = schema["components"]["securitySchemes"].values()
    (login_url,) = {scheme["flows"]["password"]["tokenUrl"] for scheme in schemes}

    assert schema["servers"] == [{"url": "/shop"}]
    assert login_url == "/shop/api/v1/auth/token"
    assert "url: '/shop/openapi.json'" in prefixed.get("/docs").text
    assert prefixed.get("/health/live").status_code == 200
    assert prefixed.get("/api/v1/items").status_code == 200


def test_schema_names_no_server_without_a_prefix(
    busy_node: tuple[Node, Service],
) -> None:
    _, service = busy_node

    schema = service.get("/openapi.json").json()
    assert "servers" not in schema
    assert '"/api/v1/auth/token"' in str(schema).replace("'", '"')
