"""The layers around the application, called as a server calls them."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.middleware import BodyLimit, CrashBarrier, RequestContext
from app.core.config import LogSettings
from app.core.logging import configure_logging

LAYERS: list[Callable[[ASGIApp], ASGIApp]] = [
    RequestContext,
    CrashBarrier,
    lambda app: BodyLimit(app, limit=8),
]


@pytest.fixture(autouse=True)
def logs() -> None:
    configure_logging(LogSettings(), readable=False)


async def nothing_more() -> Message:
    return {"type": "http.disconnect"}


async def ignore(_: Message) -> None:
    return None


def scope(kind: str = "http", **members: Any) -> Scope:
    plain: Scope = {"type": kind, "method": "GET", "path": "/", "headers": []}
    return {**plain, **members}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_what_is_no_request_passes_untouched(
    kind: str, layer: Callable[[ASGIApp], ASGIApp]
) -> None:
    seen: list[tuple[Scope, Receive]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope, receive))

    given = scope(kind)
    await layer(app)(given, nothing_more, ignore)

    assert seen == [(given, nothing_more)]


async def test_a_crash_in_a_websocket_is_the_servers_to_see() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await CrashBarrier(app)(scope("websocket"), nothing_more, ignore)


async def test_half_an_answer_is_not_followed_by_another() -> None:
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        await CrashBarrier(app)(scope(), nothing_more, send)

    assert [message["status"] for message in sent] == [200]


@pytest.mark.parametrize("length", [b"8", b"", b"-1", b"many", "²".encode()])
async def test_a_length_that_says_nothing_is_left_to_the_count(length: bytes) -> None:
    asked: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append((await receive())["type"])

    headers = [(b"content-length", length)]
    await BodyLimit(app, limit=8)(scope(headers=headers), nothing_more, ignore)

    assert asked == ["http.disconnect"]


@pytest.mark.parametrize("length", [b"9", b"0" * 4300 + b"9", b"9" * 4301])
async def test_a_length_that_says_too_much_is_refused_at_once(length: bytes) -> None:
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nobody is asked")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", length)]
    await BodyLimit(app, limit=8)(scope(headers=headers), nothing_more, send)

    assert sent[0]["status"] == 413
