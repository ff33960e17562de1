"""The application class: FastAPI, plus the schema of our failures."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.schemas.problem import Problem

REFERENCES = "#/components/schemas/{model}"


class Api(FastAPI):
    """FastAPI whose published schema knows problem documents."""

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
