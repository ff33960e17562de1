"""The application class: FastAPI with error responses in its OpenAPI schema."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.api.errors import problem_responses
from app.schemas.problem import Problem

SCHEMA_REFERENCE = "#/components/schemas/{model}"
REQUIRED_SCHEME = "OAuth2PasswordBearer"
OPTIONAL_SCHEME = "OptionalBearer"


class Api(FastAPI):
    """FastAPI that documents its problem documents."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI schema."""
        if self.openapi_schema is None:
            _, problems = models_json_schema(
                [(Problem, "serialization")], ref_template=SCHEMA_REFERENCE
            )
            schema = super().openapi()
            components = schema.setdefault("components", {})
            components.setdefault("schemas", {}).update(problems["$defs"])
            components.get("securitySchemes", {}).pop(OPTIONAL_SCHEME, None)
            for path in schema["paths"].values():
                for operation in path.values():
                    document_errors(operation)
        return super().openapi()


def document_errors(operation: dict[str, Any]) -> None:
    """Add the responses that follow from a request body and from authentication."""
    statuses: list[int] = []
    if "requestBody" in operation:
        # A body that can not be parsed, and one that is too large.
        statuses += [400, 413]
    if "security" in operation:
        statuses += [401]
        if {OPTIONAL_SCHEME: []} in operation["security"]:
            # A token, or none: the empty requirement.
            operation["security"] = [{REQUIRED_SCHEME: []}, {}]
    for status, response in problem_responses(*statuses).items():
        operation["responses"].setdefault(str(status), response)
