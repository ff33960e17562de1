"""Middleware around every request. Pure ASGI, because it costs only microseconds."""

import re
from os import urandom
from time import perf_counter

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from app.api.errors import problem
from app.api.rate_limit import RateLimit
from app.core.config import Settings
from app.core.context import request_id
from app.core.logging import get_logger

log = get_logger(__name__)

REQUEST_ID = "X-Request-ID"
REQUEST_ID_KEY = REQUEST_ID.lower().encode()
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
]
NO_STORE = (b"cache-control", b"no-store")
RETRY = {"Retry-After": "1"}
# Status of the handshake, when the application accepts or rejects a WebSocket.
HANDSHAKES = {"websocket.accept": 101, "websocket.close": 403}
DISCONNECTED = (ClientDisconnect, WebSocketDisconnect)  # the client has gone


def create_middleware(settings: Settings) -> list[Middleware]:
    """Return the middleware of the application, the outermost first."""
    cors = Middleware(
        Cors,
        allow_origins=settings.cors.origins,
        allow_methods=METHODS,
        allow_headers=["*"],
        expose_headers=[REQUEST_ID, "Retry-After", "RateLimit", "RateLimit-Policy"],
    )
    return [
        Middleware(RequestContext),
        *([cors] if settings.cors.origins else []),
        Middleware(ErrorBoundary),
        *([Middleware(RateLimit)] if settings.api.requests_per_minute else []),
        Middleware(BodyLimit, limit=settings.api.max_body_bytes),
    ]


class Cors(CORSMiddleware):
    """CORS that rejects preflight requests with a problem document."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the response to a browser's preflight request."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        return problem(400, "This origin, method or header is not allowed.")


def get_header(scope: Scope, name: bytes) -> str:
    """Return the first header of this lower-case name, or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


class RequestContext:
    """Adds the request ID, the default response headers and the access log record."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or WebSocket."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = get_header(scope, REQUEST_ID_KEY)
        current = given if VALID_REQUEST_ID.fullmatch(given) else urandom(16).hex()
        previous = request_id.set(current)
        started, status = perf_counter(), 0
        method = scope.get("method", "WEBSOCKET")
        if method == "HEAD":
            scope, send = answer_head(scope, send)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if not status:
                status = message.get("status") or HANDSHAKES.get(message["type"], 0)
                add_headers(message, current)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            log_request(method, scope, status, perf_counter() - started)
            request_id.reset(previous)


def answer_head(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """Let the route of GET respond to a HEAD request, unless there is one of HEAD.

    The server sends no body. It ends with the first part, because a stream may go on.
    """
    ended = False

    async def send_head(message: Message) -> None:
        nonlocal ended
        if not ended:
            ended = message["type"] == "http.response.body"
            await send({**message, "more_body": False} if ended else message)

    if any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes):
        return scope, send_head
    return {**scope, "method": "GET"}, send_head


def add_headers(message: Message, current: str) -> None:
    """Add the default headers; `Cache-Control` only if the response has none."""
    headers = [*message.get("headers", ()), (REQUEST_ID_KEY, current.encode())]
    if not [name for name, _ in headers if name == NO_STORE[0]]:
        headers.append(NO_STORE)
    message["headers"] = headers + SECURITY_HEADERS


def log_request(method: str, scope: Scope, status: int, seconds: float) -> None:
    """Write the access log record, without the query string: it may hold secrets."""
    log.info(
        "request",
        method=method,
        route=getattr(scope.get("route"), "path_format", None),
        path=scope["path"],
        status=status,
        duration_ms=round(seconds * 1000, 2),
    )


class ErrorBoundary:
    """Responds 500 to crashes and 503 to cancelled requests. `Cors` adds headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = scope["type"] == "websocket"

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if await scope["app"].state.drain.track(self.app(scope, receive, watch)):
                return
            failure = problem(503, "Shutting down.", code="draining", headers=RETRY)
        except DISCONNECTED:
            return
        # Catches any type, because no handler outside this one would log the exception.
        # ast-grep-ignore: ERR-03
        except Exception:
            log.exception("crashed", path=scope.get("path"))
            if started:  # too late for a response: the server closes the connection
                raise
            failure = problem(500, "Something went wrong on our side.")
        if not started:
            await failure(scope, receive, send)


class BodyLimit:
    """Rejects large request bodies, with or without Content-Length, by a 413."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit
        self.detail = f"A body has at most {limit} bytes."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = get_header(scope, b"content-length")
        # float() accepts any number of digits; int() raises ValueError above 4300.
        if declared.isdecimal() and float(declared) > self.limit:
            await problem(413, self.detail)(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise HTTPException(413, self.detail)
            return message

        await self.app(scope, count, send)
