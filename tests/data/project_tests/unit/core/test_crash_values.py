"""Values in the messages of exceptions are not reported."""

import json
from collections.abc import Callable
from enum import Enum
from typing import Any, cast

import pytest
from fastapi.exceptions import ResponseValidationError
from pydantic import TypeAdapter
from sentry_sdk.types import Event

from app.core.crash_reports import without_values

HIDDEN = "hunter2"


class Color(Enum):
    """An enum without the hidden value."""

    RED = "red"


def fail_response() -> None:
    error = {"type": "int_parsing", "loc": ("response", "n"), "input": HIDDEN}
    raise ResponseValidationError([error])


def reported(error: Exception) -> str:
    """Return the message of an exception as it is reported."""
    entry: dict[str, Any] = {"type": type(error).__name__, "value": str(error)}
    event = without_values(cast(Event, {"exception": {"values": [entry]}}), {})
    return str(cast(dict[str, Any], event)["exception"]["values"][0]["value"])


@pytest.mark.parametrize(
    "fail",
    [
        lambda: int(HIDDEN),
        lambda: dict[str, str]()[HIDDEN],
        lambda: Color(HIDDEN),
        lambda: json.loads(f'"{HIDDEN}'),
        lambda: TypeAdapter(int).validate_python(HIDDEN),
        lambda: TypeAdapter(dict[str, int]).validate_python({"it's": HIDDEN}),
        fail_response,
    ],
)
def test_values_are_removed(fail: Callable[[], object]) -> None:
    with pytest.raises((KeyError, ValueError, ResponseValidationError)) as caught:
        fail()

    assert HIDDEN not in reported(caught.value)


@pytest.mark.parametrize(
    "message",
    [
        "invalid input for query argument $1: 'hunter2' (expected str, got int)",
        "invalid input for query argument $2: [hunter2] (a sized iterable)",
        'invalid input syntax for type integer: "hunter2"',
        'invalid input syntax for type integer: "a "quote" and\nhunter2"',
        "duplicate key\nDETAIL:  Key (name)=(hunter2) already exists.",
        "(asyncpg.Error) not valid\n[SQL: SELECT 1]\n[parameters: (hunter2,)]",
    ],
)
def test_values_in_messages_of_drivers_are_removed(message: str) -> None:
    assert HIDDEN not in reported(RuntimeError(message))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("It can't be, so don't."),
        AttributeError("'NoneType' object has no attribute 'email'"),
        TypeError("f() got an unexpected keyword argument 'name'"),
    ],
)
def test_other_messages_are_reported(error: Exception) -> None:
    assert reported(error) == str(error)
