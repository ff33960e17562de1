"""Generated sequences of requests about items."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import assume, given
from schemathesis import BaseSchema, Case, GenerationMode

from app.schemas.item import ItemCreate
from tests.support.fuzzing import FUZZING, load_schema

# Code that only a generated request reaches is not covered by a test; tracing is slow.
pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def schema(committing_app: FastAPI) -> Iterator[BaseSchema]:
    """The schema of the routes of items."""
    for schema in load_schema(committing_app):
        yield schema.include(path_regex="/items")


def test_every_field_of_a_created_item_is_stored(
    schema: Any, caller_headers: dict[str, str]
) -> None:
    items = schema["/api/v1/items"]

    @FUZZING
    @given(items["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def is_stored(case: Case[Any]) -> None:
        response = case.call(headers=caller_headers)
        assume(response.status_code == 201)
        sent = ItemCreate.model_validate(case.body).model_dump(mode="json")
        sent["tags"].sort()

        created = response.json()
        one = schema["/api/v1/items/{item_id}"]["GET"]
        stored = one.Case(path_parameters={"item_id": created["id"]}).call().json()
        assert created == stored == stored | sent

    is_stored()
