"""The application class: FastAPI, its routes found at once, its failures published."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from pydantic.json_schema import models_json_schema

from app.api.errors import documented
from app.api.routes import spread
from app.schemas.problem import Problem

REFERENCES = "#/components/schemas/{model}"
# A body that can not be read, and one that is too large, whatever the route is.
UNREAD = {str(status): answer for status, answer in documented(400, 413).items()}


class Api(FastAPI):
    """FastAPI whose published schema knows problem documents."""

    def include_router(self, router: APIRouter, **options: Any) -> None:
        """Include the routes that the router has by now, each by itself."""
        super().include_router(router, **options)
        self.router.routes.extend(spread(self.router.routes.pop()))

    def openapi(self) -> dict[str, Any]:
        """Return the published schema."""
        if self.openapi_schema is None:
            _, problems = models_json_schema(
                [(Problem, "serialization")], ref_template=REFERENCES
            )
            schema = super().openapi()
            components = schema.setdefault("components", {})
            components.setdefault("schemas", {}).update(problems["$defs"])
            for operation in operations_with_body(schema):
                operation["responses"] |= UNREAD
        return super().openapi()


def operations_with_body(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Find the operations that are sent something."""
    for path in schema["paths"].values():
        yield from (found for found in path.values() if "requestBody" in found)
