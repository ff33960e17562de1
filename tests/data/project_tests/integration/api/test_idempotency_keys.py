"""Requests with an Idempotency-Key on a database that commits, in several processes."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from signal import SIGKILL
from uuid import uuid4

import pytest
import sqlalchemy as sa
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse, StreamingResponse
from httpx2 import ASGITransport, AsyncClient, Response
from pydantic import BaseModel

from app.api.deps import get_database
from app.api.idempotency import IdempotentRoute
from app.core.clock import utc_now
from app.core.config import IdempotencySettings
from app.db import ConstraintViolationError
from app.models.idempotency import KEYS
from app.services.idempotency import IdempotencyService

# A second table of this application would need a migration, so the notes of these
# tests are rows of the table of keys.
NOTE = "note "
COUNT = sa.select(sa.func.count()).select_from(KEYS)
NOTES = COUNT.where(KEYS.c.fingerprint == sa.bindparam("name"))
ALL_KEYS = COUNT.where(KEYS.c.status > 0)


class Note(BaseModel):
    name: str
    seconds: float = 0
    then: str = ""


def row(name: str) -> dict[str, object]:
    return {
        "key": uuid4().hex,
        "fingerprint": NOTE + name,
        "status": 0,
        "headers": "[]",
        "body": b"\x00\xff",
        "expires_at": utc_now().replace(year=2100),
    }


router = APIRouter(prefix="/notes", route_class=IdempotentRoute)


@router.post("", status_code=201)
async def write(note: Note, request: Request) -> str:
    database = get_database(request)
    first = row(note.name)
    async with database.begin() as transaction:
        await transaction.execute(sa.insert(KEYS), first)
    async with database.session() as session:
        await session.execute(
            sa.update(KEYS).values(body=b"").where(KEYS.c.key == first["key"])
        )
    await asyncio.sleep(note.seconds)
    if note.then == "conflict":
        with pytest.raises(ConstraintViolationError):
            async with database.begin() as transaction:
                await transaction.execute(sa.insert(KEYS), first)
    if note.then == "crash":
        raise ZeroDivisionError
    if note.then == "refuse":
        raise HTTPException(403)
    assert await database.fetchval(NOTES, name=NOTE + note.name) >= 1
    return f"{first['key']}"


@router.post("/text")
async def text() -> PlainTextResponse:
    cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")]
    response = PlainTextResponse("päge", 202)
    response.raw_headers += [(n.encode(), v.encode()) for n, v in cookies]
    return response


@router.post("/refused")
async def refused() -> PlainTextResponse:
    return PlainTextResponse("no", 409)


@router.post("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(iter(["a"]))


@router.delete("", status_code=204)
async def delete() -> None: ...


@pytest.fixture
async def notes_app(committing_app: FastAPI) -> AsyncGenerator[FastAPI]:
    if not any(getattr(one, "path", "") == "/notes" for one in committing_app.routes):
        committing_app.include_router(router)
    yield committing_app
    # Its connections belong to the event loop of this test.
    await committing_app.state.database.close()


@pytest.fixture
async def notes(
    notes_app: FastAPI, caller_headers: dict[str, str]
) -> AsyncGenerator[AsyncClient]:
    transport = ASGITransport(notes_app, raise_app_exceptions=False)
    async with AsyncClient(
        transport=transport, base_url="http://test", headers=caller_headers
    ) as client:
        yield client


async def send(client: AsyncClient, key: str, name: str, **fields: object) -> Response:
    headers = {"Idempotency-Key": key}
    return await client.post("/notes", json={"name": name, **fields}, headers=headers)


async def stored(app: FastAPI, name: str) -> int:
    found: int = await app.state.database.fetchval(NOTES, name=NOTE + name)
    return found


async def test_equal_requests_at_once_run_once(
    notes: AsyncClient, notes_app: FastAPI
) -> None:
    name = f"{uuid4()}"

    sent = [send(notes, name, name, seconds=0.2) for _ in range(20)]
    responses = await asyncio.gather(*sent)

    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    replays = [r.headers.get("Idempotency-Replayed") for r in responses]
    assert sorted(map(str, replays)) == ["None", *["true"] * 19]
    assert await stored(notes_app, name) == 1


@pytest.mark.parametrize("then", ["crash", "refuse"])
async def test_failed_request_stores_nothing(
    then: str, notes: AsyncClient, notes_app: FastAPI
) -> None:
    name = f"{uuid4()}"

    failed = [await send(notes, name, name, then=then) for _ in range(2)]
    assert [response.status_code for response in failed] == [
        {"crash": 500, "refuse": 403}[then]
    ] * 2
    assert await stored(notes_app, name) == 0

    assert (await send(notes, name, name)).status_code == 201
    assert await stored(notes_app, name) == 1


async def test_failed_savepoint_does_not_end_the_transaction(
    notes: AsyncClient, notes_app: FastAPI
) -> None:
    name = f"{uuid4()}"

    assert (await send(notes, name, name, then="conflict")).status_code == 201
    assert await stored(notes_app, name) == 1


async def test_response_is_replayed_with_its_headers(notes: AsyncClient) -> None:
    headers = {"Idempotency-Key": f"{uuid4()}"}

    first, second = [await notes.post("/notes/text", headers=headers) for _ in range(2)]

    assert (
        (second.status_code, second.text)
        == (first.status_code, "päge")
        == (202, "päge")
    )
    assert second.headers.get_list("set-cookie") == first.headers.get_list("set-cookie")
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_returned_failure_and_stream_are_not_stored(
    notes: AsyncClient, notes_app: FastAPI
) -> None:
    before = await notes_app.state.database.fetchval(ALL_KEYS)
    headers = {"Idempotency-Key": f"{uuid4()}"}

    refusals = [await notes.post("/notes/refused", headers=headers) for _ in range(2)]
    streamed = await notes.post("/notes/stream", headers=headers)

    assert [response.status_code for response in refusals] == [409, 409]
    assert streamed.status_code == 500
    assert await notes_app.state.database.fetchval(ALL_KEYS) == before


async def test_other_methods_ignore_the_key(notes: AsyncClient) -> None:
    for _ in range(2):
        response = await notes.delete("/notes", headers={"Idempotency-Key": "a b"})
        assert response.status_code == 204


async def test_key_belongs_to_its_caller(
    notes: AsyncClient, notes_app: FastAPI, caller_headers: dict[str, str]
) -> None:
    name = f"{uuid4()}"
    transport = ASGITransport(notes_app, client=("10.0.0.7", 80))
    async with AsyncClient(transport=transport, base_url="http://test") as other:
        mine, others = await send(notes, name, name), await send(other, name, name)

    assert mine.json() != others.json()
    assert "Idempotency-Replayed" not in others.headers


async def test_key_with_another_query_is_rejected(notes: AsyncClient) -> None:
    headers = {"Idempotency-Key": f"{uuid4()}"}

    await notes.post("/notes/text", headers=headers)
    other = await notes.post("/notes/text?a=1", headers=headers)

    assert other.status_code == 422


async def test_two_keys_in_one_request_are_rejected(notes: AsyncClient) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    assert (await notes.post("/notes/text", headers=headers)).status_code == 400


async def test_request_that_waits_for_another_process_is_a_conflict(
    notes: AsyncClient, notes_app: FastAPI
) -> None:
    name, own = f"{uuid4()}", notes_app.state.idempotency
    first = asyncio.create_task(send(notes, name, name, seconds=1))
    await asyncio.sleep(0.3)
    # Another instance has other locks, as another process has.
    notes_app.state.idempotency = IdempotencyService(
        IdempotencySettings(wait_seconds=0.2)
    )
    try:
        second = await send(notes, name, name, seconds=1)
    finally:
        notes_app.state.idempotency = own

    assert (await first).status_code == 201
    # On SQLite the second one waits for the writer, and then finds the key.
    assert (second.status_code, second.headers.get("Retry-After")) in [
        (409, "1"),
        (201, None),
    ]
    assert await stored(notes_app, name) == 1


async def test_other_process_gets_the_stored_response(
    notes: AsyncClient, notes_app: FastAPI
) -> None:
    name, own = f"{uuid4()}", notes_app.state.idempotency
    sent: list[asyncio.Task[Response]] = []
    for _ in range(4):
        notes_app.state.idempotency = IdempotencyService(IdempotencySettings())
        sent.append(asyncio.create_task(send(notes, name, name, seconds=0.2)))
        await asyncio.sleep(0.02)
    notes_app.state.idempotency = own

    responses = await asyncio.gather(*sent)

    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert await stored(notes_app, name) == 1


KILLED = """
import asyncio, json, os, signal, sys
from pydantic import SecretStr
from app.core.database_settings import DatabaseSettings
from app.main import create_app
from tests.deep.integration.api import test_idempotency_keys as module
from tests.factories import make_settings

url, name, when = sys.argv[1:]
app = create_app(make_settings(database=DatabaseSettings(url=SecretStr(url))))
app.include_router(module.router)

async def main():
    body = json.dumps({"name": name}, separators=(",", ":")).encode()
    key = (b"idempotency-key", name.encode())
    kind = (b"content-type", b"application/json")
    scope = {"type": "http", "method": "POST", "path": "/notes", "raw_path": b"/notes",
             "query_string": b"", "headers": [key, kind], "client": ("127.0.0.1", 123),
             "server": ("test", 80), "scheme": "http", "http_version": "1.1",
             "root_path": "", "asgi": {"version": "3.0"}}
    async def receive():
        return {"type": "http.request", "body": body}
    async def send(message):
        os.kill(os.getpid(), signal.SIGKILL)
    if when == "before the commit":
        original = module.get_database
        def killing(request):
            loop = asyncio.get_running_loop()
            loop.call_later(0.3, os.kill, os.getpid(), signal.SIGKILL)
            return original(request)
        module.get_database = killing
        body = json.dumps({"name": name, "seconds": 5}).encode()
    await app(scope, receive, send)

asyncio.run(main())
"""


@pytest.mark.blocks  # It waits for a process.
@pytest.mark.parametrize("when", ["before the commit", "after the commit"])
async def test_killed_process_leaves_write_and_response_or_neither(
    when: str, notes_app: FastAPI
) -> None:
    name = f"{uuid4()}"
    url = notes_app.state.settings.database.url.get_secret_value()
    command = [sys.executable, "-c", KILLED, url, name, when]
    killed = await asyncio.to_thread(subprocess.run, command, check=False)
    assert killed.returncode == -SIGKILL
    is_stored = when == "after the commit"
    assert await stored(notes_app, name) == is_stored

    transport = ASGITransport(notes_app)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        again = await send(client, name, name)

    assert again.status_code == 201
    assert ("Idempotency-Replayed" in again.headers) is is_stored
    assert await stored(notes_app, name) == 1
