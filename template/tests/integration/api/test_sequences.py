"""Requests that follow from each other: what one has changed, the next one meets."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import assume, given, settings
from schemathesis import BaseSchema, Case, GenerationMode
from sqlalchemy import delete

from app.core.database_settings import DatabaseSettings
from app.db.factory import open_database
from app.models.item import Item
from app.schemas.item import ItemCreate
from tests.searches import LOOK, SEARCH, published

# What a search happens to reach is no coverage; and to trace it takes thrice the time.
pytestmark = pytest.mark.no_cover

# So many sequences of so many requests.
SEQUENCES = settings(
    SEARCH, max_examples=max(LOOK.test_examples // 2, 10), stateful_step_count=6
)


@pytest.fixture(scope="module")
def schema(committing: FastAPI) -> Iterator[BaseSchema]:
    """What is published about items, and who answers for it."""
    for schema in published(committing):
        yield schema.include(path_regex="/items")


async def forget_items(settings: DatabaseSettings) -> None:
    """Delete them all: what a sequence meets, it has made itself."""
    database = open_database(settings)
    async with database.begin() as transaction:
        await transaction.execute(delete(Item))
    await database.close()


def test_every_field_of_a_created_item_is_stored(
    schema: Any, credentials: dict[str, str]
) -> None:
    items = schema["/api/v1/items"]

    @SEARCH
    @given(items["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def is_stored(case: Case[Any]) -> None:
        response = case.call(headers=credentials)
        assume(response.status_code == 201)
        sent = ItemCreate.model_validate(case.body).model_dump(mode="json")
        sent["tags"].sort()

        created = response.json()
        one = schema["/api/v1/items/{item_id}"]["GET"]
        stored = one.Case(path_parameters={"item_id": created["id"]}).call().json()
        assert created == stored == stored | sent

    is_stored()


def test_what_is_made_is_there_until_it_is_deleted(
    schema: BaseSchema,
    committing: FastAPI,
    credentials: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine: Any = schema.as_state_machine()
    remember, done = machine.after_call, set[tuple[str, int]]()

    def begin(_: object) -> None:
        asyncio.run(forget_items(committing.state.settings.database))

    def note(sequence: Any, response: Any, case: Any) -> None:
        remember(sequence, response, case)
        done.add((case.method, response.status_code))

    def sign(*_: object) -> dict[str, dict[str, str]]:
        return {"headers": credentials}

    monkeypatch.setattr(machine, "setup", begin)
    monkeypatch.setattr(machine, "get_call_kwargs", sign)
    monkeypatch.setattr(machine, "after_call", note)
    machine.run(settings=SEQUENCES)

    assert {("POST", 201), ("DELETE", 204), ("GET", 404)} <= done
