"""Each middleware alone, called as an ASGI server calls it."""

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from app.api.middleware import BodyLimit, ErrorBoundary, RequestContext
from app.core.config import LogSettings, ShutdownSettings
from app.core.context import request_id
from app.core.drain import Drain
from app.core.logging import configure_logging

LAYERS: list[Callable[[ASGIApp], ASGIApp]] = [
    RequestContext,
    ErrorBoundary,
    lambda app: BodyLimit(app, limit=8),
]
START: Message = {"type": "http.response.start", "status": 200, "headers": []}


@pytest.fixture(autouse=True)
def logs() -> None:
    configure_logging(LogSettings(), readable=False)


@pytest.fixture
def drain() -> Drain:
    return Drain(ShutdownSettings())


@pytest.fixture
def scope(drain: Drain) -> Scope:
    app = SimpleNamespace(state=SimpleNamespace(drain=drain))
    return {"type": "http", "method": "GET", "path": "/", "headers": [], "app": app}


async def receive() -> Message:
    return {"type": "http.disconnect"}


async def ignore(_: Message) -> None:
    return None


async def responses(layer: ASGIApp, scope: Scope) -> list[Message]:
    """Call a middleware and return the messages that it sends."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await layer(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("kind", "layer"),
    [("lifespan", layer) for layer in LAYERS] + [("websocket", LAYERS[-1])],
)
async def test_lifespan_and_websocket_pass_unchanged(
    kind: str, layer: Callable[[ASGIApp], ASGIApp], scope: Scope
) -> None:
    seen: list[tuple[Scope, Receive]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope, receive))

    given = {**scope, "type": kind}
    await layer(app)(given, receive, ignore)

    assert seen == [(given, receive)]


async def crash(scope: Scope, receive: Receive, send: Send) -> None:
    raise ZeroDivisionError


async def crash_halfway(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    raise ZeroDivisionError


async def hang(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(60)


async def hang_halfway(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await asyncio.sleep(60)


async def cancel(layer: ASGIApp, scope: Scope) -> list[Message]:
    """Cancel a request that waits, and return what was sent."""
    request = asyncio.create_task(responses(layer, scope))
    await asyncio.sleep(0.01)
    request.cancel()
    return await request


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ({"type": "websocket.accept"}, 101),
        ({"type": "websocket.close"}, 403),
        ({"type": "websocket.http.response.start", "status": 401}, 401),
    ],
)
async def test_websocket_has_a_request_id_and_a_log_record(
    first: Message, status: int, scope: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str | None] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(request_id.get())
        await send({**first})
        await send({"type": "websocket.send", "text": "hello"})

    given = {**scope, "type": "websocket", "headers": [(b"x-request-id", b"mine")]}
    del given["method"]
    start, sent = await responses(RequestContext(app), given)

    (record,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert seen == ["mine"]
    assert (b"x-request-id", b"mine") in start["headers"]
    assert sent == {"type": "websocket.send", "text": "hello"}
    assert (record["event"], record["method"]) == ("request", "WEBSOCKET")
    assert (record["status"], record["request_id"]) == (status, "mine")


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("error", [WebSocketDisconnect(), ClientDisconnect()])
async def test_client_that_disconnects_is_no_crash(
    error: Exception, kind: str, scope: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    assert await responses(ErrorBoundary(app), {**scope, "type": kind}) == []
    assert capsys.readouterr().out == ""


async def test_crash_of_a_handshake_is_500(scope: Scope) -> None:
    start, _ = await responses(ErrorBoundary(crash), {**scope, "type": "websocket"})

    assert start["type"] == "websocket.http.response.start"
    assert start["status"] == 500


async def test_crash_after_the_start_of_a_response_is_raised_to_the_server(
    scope: Scope,
) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        await ErrorBoundary(crash_halfway)(scope, receive, send)

    assert sent == [START]


async def test_request_cancelled_by_the_shutdown_gets_503(
    drain: Drain, scope: Scope
) -> None:
    drain.started = True

    start, body = await cancel(ErrorBoundary(hang), scope)

    assert start["status"] == 503
    assert json.loads(body["body"])["error"] == "draining"


async def test_response_cancelled_by_the_shutdown_is_not_completed(
    drain: Drain, scope: Scope
) -> None:
    drain.started = True

    assert await cancel(ErrorBoundary(hang_halfway), scope) == [START]


async def test_websocket_cancelled_by_the_shutdown_is_closed(
    drain: Drain, scope: Scope
) -> None:
    drain.started = True

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await asyncio.sleep(60)

    _, end = await cancel(ErrorBoundary(wait), {**scope, "type": "websocket"})
    assert end == {"type": "websocket.close", "code": 1013, "reason": "draining"}


async def test_handshake_cancelled_by_the_shutdown_is_503(
    drain: Drain, scope: Scope
) -> None:
    drain.started = True

    start, _ = await cancel(ErrorBoundary(hang), {**scope, "type": "websocket"})
    assert start["status"] == 503


async def test_crash_after_the_end_of_a_websocket_sends_nothing(scope: Scope) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1000})
        raise ZeroDivisionError

    sent = await responses(ErrorBoundary(app), {**scope, "type": "websocket"})
    assert [one["type"] for one in sent] == ["websocket.accept", "websocket.close"]


async def test_other_response_closes_a_websocket_without_a_reason(
    scope: Scope,
) -> None:
    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await Response("no")(scope, receive, send)

    _, end = await responses(ErrorBoundary(respond), {**scope, "type": "websocket"})
    assert end == {"type": "websocket.close", "code": 1008, "reason": ""}


async def test_cancellation_without_a_shutdown_is_raised(scope: Scope) -> None:
    with pytest.raises(asyncio.CancelledError):
        await cancel(ErrorBoundary(hang), scope)


@pytest.mark.parametrize("length", [b"8", b"", b"-1", b"many", "²".encode()])
async def test_body_is_counted_when_its_length_is_small_or_invalid(
    length: bytes, scope: Scope
) -> None:
    received: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received.append((await receive())["type"])

    given = {**scope, "headers": [(b"content-length", length)]}
    await BodyLimit(app, limit=8)(given, receive, ignore)

    assert received == ["http.disconnect"]


@pytest.mark.parametrize("length", [b"9", b"0" * 4300 + b"9", b"9" * 4301])
async def test_body_with_too_large_a_length_is_rejected_unread(
    length: bytes, scope: Scope
) -> None:
    given = {**scope, "headers": [(b"content-length", length)]}

    start, _ = await responses(BodyLimit(crash, limit=8), given)

    assert start["status"] == 413
