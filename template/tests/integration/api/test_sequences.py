"""Requests that follow from each other: what one has changed, the next one meets."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import settings
from schemathesis import BaseSchema

from tests.searches import LOOK, SEARCH, published

# What a search happens to reach is no coverage; and to trace it takes thrice the time.
pytestmark = pytest.mark.no_cover

# So many sequences of so many requests.
SEQUENCES = settings(
    SEARCH, max_examples=max(LOOK.test_examples // 4, 1), stateful_step_count=6
)


@pytest.fixture(scope="module")
def schema(committing: FastAPI) -> Iterator[BaseSchema]:
    """What is published, and who answers for it."""
    yield from published(committing)


def test_what_is_made_is_there_until_it_is_deleted(
    schema: BaseSchema, credentials: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine: Any = schema.as_state_machine()
    remember, done = machine.after_call, set[tuple[str, int]]()

    def note(sequence: Any, response: Any, case: Any) -> None:
        remember(sequence, response, case)
        done.add((case.method, response.status_code))

    def sign(*_: object) -> dict[str, dict[str, str]]:
        return {"headers": credentials}

    monkeypatch.setattr(machine, "get_call_kwargs", sign)
    monkeypatch.setattr(machine, "after_call", note)
    machine.run(settings=SEQUENCES)

    assert {("POST", 201), ("DELETE", 204), ("GET", 404)} <= done
