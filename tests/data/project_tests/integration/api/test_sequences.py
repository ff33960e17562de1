"""Generated sequences of requests about items."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import assume, settings
from schemathesis import BaseSchema
from sqlalchemy import delete

from app.core.database_settings import DatabaseSettings
from app.db.factory import open_database
from app.models.item import Item
from tests.integration.api.test_schema import UNDOCUMENTED
from tests.support.fuzzing import EXAMPLES, FUZZING, load_schema

SEQUENCES = settings(
    FUZZING, max_examples=max(EXAMPLES // 2, 10), stateful_step_count=6
)


@pytest.fixture(scope="module")
def schema(committing_app: FastAPI) -> Iterator[BaseSchema]:
    """The schema of the routes of one item; a list would end most sequences."""
    for schema in load_schema(committing_app):
        routes = schema.include(path_regex="/items")
        yield routes.exclude(method="GET", path="/api/v1/items")


async def delete_items(settings: DatabaseSettings) -> None:
    """Delete all items, so that a sequence finds only its own."""
    database = open_database(settings)
    async with database.begin() as transaction:
        await transaction.execute(delete(Item))
    await database.close()


def test_created_items_exist_until_they_are_deleted(
    schema: BaseSchema,
    committing_app: FastAPI,
    caller_headers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine: Any = schema.as_state_machine()
    after_call, seen = machine.after_call, set[tuple[str, int]]()

    def begin(_: object) -> None:
        asyncio.run(delete_items(committing_app.state.settings.database))

    def exclude(_: object, case: Any) -> None:
        assume(not UNDOCUMENTED.search(f"{case.body!r}"))

    def record(sequence: Any, response: Any, case: Any) -> None:
        after_call(sequence, response, case)
        seen.add((case.method, response.status_code))

    def options(*_: object) -> dict[str, dict[str, str]]:
        return {"headers": caller_headers}

    monkeypatch.setattr(machine, "setup", begin)
    monkeypatch.setattr(machine, "before_call", exclude)
    monkeypatch.setattr(machine, "get_call_kwargs", options)
    monkeypatch.setattr(machine, "after_call", record)
    machine.run(settings=SEQUENCES)

    assert {("POST", 201), ("DELETE", 204), ("GET", 404)} <= seen
