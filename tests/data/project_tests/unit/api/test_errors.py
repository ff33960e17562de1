"""Mapping of errors to responses."""

import json
from importlib import import_module
from typing import Any

import pytest

from app.api.errors import field_path, problem, problem_responses, status_of
from app.core.errors import ConflictError

# Every module that names a failure is imported.
import_module("app.main")


def test_status_of_an_error_is_that_of_its_nearest_base() -> None:
    class LampTakenError(ConflictError):
        """An error whose class the mapping does not name."""

    assert status_of(LampTakenError("why")) == 409


def test_problem_document_escapes_lone_surrogates() -> None:
    body = bytes(problem(409, "taken: \ud800 é").body)

    assert json.loads(body.decode("ascii"))["detail"] == "taken: \ud800 é"


def test_problem_document_without_a_detail_repeats_the_title() -> None:
    document = json.loads(bytes(problem(404).body))

    assert document == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "Not found.",
        "error": "route_not_found",
        "request_id": None,
    }


def test_unnamed_status_returns_a_problem_document() -> None:
    assert json.loads(bytes(problem(418).body))["error"] == "http_418"


def test_problem_responses_describe_each_status() -> None:
    described = problem_responses(404, 409)

    assert {*described} == {404, 409}
    assert described[404]["description"] == "Not found"


@pytest.mark.parametrize(
    ("error", "field"),
    [
        ({"type": "missing", "loc": ("body", "tags", 0)}, "tags.0"),
        ({"type": "missing", "loc": ("body",)}, "body"),
        ({"type": "json_invalid", "loc": ("body", 12)}, "body"),
    ],
)
def test_field_path_of_an_invalid_field(error: dict[str, Any], field: str) -> None:
    assert field_path(error) == field
