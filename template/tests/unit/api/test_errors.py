"""Mapping of errors to responses."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from app.api.errors import DEFAULTS, field_path, problem, problem_responses, status_of
from app.core.errors import AppError, ConflictError

# Every module that names a failure is imported.
import_module("app.main")


def family(kind: type[AppError]) -> Iterator[type[AppError]]:
    """Walk down the tree of failures."""
    for child in kind.__subclasses__():
        yield child
        yield from family(child)


@pytest.mark.parametrize(
    "kind", dict.fromkeys(family(AppError)), ids=lambda kind: kind.__name__
)
def test_a_failure_has_a_status_and_a_code_of_its_own(kind: type[AppError]) -> None:
    assert status_of(kind("why")) in DEFAULTS
    assert re.fullmatch("[a-z][a-z0-9_]*", kind.code)
    assert kind.code != AppError.code


def test_a_failure_is_answered_as_the_nearest_kind() -> None:
    class LampTakenError(ConflictError):
        """A new leaf needs no line of its own."""

    assert status_of(LampTakenError("why")) == 409


def test_a_problem_is_written_so_that_no_text_can_break_it() -> None:
    body = bytes(problem(409, "taken: \ud800 é").body)

    assert json.loads(body.decode("ascii"))["detail"] == "taken: \ud800 é"


def test_a_problem_without_words_is_described_by_its_title() -> None:
    document = json.loads(bytes(problem(404).body))

    assert document == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "Not found.",
        "error": "route_not_found",
        "request_id": None,
    }


def test_a_status_that_nobody_has_named_is_a_problem_too() -> None:
    assert json.loads(bytes(problem(418).body))["error"] == "http_418"


def test_the_schema_describes_every_status_that_it_is_asked_for() -> None:
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
