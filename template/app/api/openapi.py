"""The application class: FastAPI, its routes found at once, its failures published."""

from typing import Any

from fastapi import APIRouter, FastAPI
from pydantic.json_schema import models_json_schema

from app.api.routes import spread
from app.schemas.problem import Problem

REFERENCES = "#/components/schemas/{model}"


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
        return super().openapi()
