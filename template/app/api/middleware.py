"""What happens around every request. Pure ASGI: it costs microseconds."""

import re
from os import urandom
from time import perf_counter

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import problem
from app.core.config import Settings
from app.core.context import request_id
from app.core.logging import get_logger

log = get_logger(__name__)

REQUEST_ID = "X-Request-ID"
HEADER = REQUEST_ID.lower().encode()
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# On every answer; an answer that may be kept says so itself.
SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
]
NOT_KEPT = (b"cache-control", b"no-store")


def stack(settings: Settings) -> list[Middleware]:
    """List what wraps the application, from the outside in."""
    outside = [Middleware(RequestContext)]
    if settings.cors.origins:
        outside.append(cors(settings.cors.origins))
    limit = settings.api.max_body_bytes
    return [*outside, Middleware(CrashBarrier), Middleware(BodyLimit, limit=limit)]


def cors(origins: tuple[str, ...]) -> Middleware:
    """Let pages of these origins in, and of no other."""
    return Middleware(
        OriginCheck,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=["*"],
        expose_headers=[REQUEST_ID, "Retry-After"],
    )


class OriginCheck(CORSMiddleware):
    """CORS, with a refusal that is a problem document like every other."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer the question that a browser asks before the request itself."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        return problem(400, "This origin, method or header is not let in.")


def header(scope: Scope, name: bytes) -> str:
    """Return the first header of this name, which a server hands over in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


class RequestContext:
    """Gives every request an id, every answer its headers, and the log one line."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = header(scope, HEADER)
        current = given if WELL_FORMED.fullmatch(given) else urandom(16).hex()
        own = (HEADER, current.encode())
        before = request_id.set(current)
        started, status = perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *SECURITY, own]
                if not [name for name, _ in headers if name == NOT_KEPT[0]]:
                    headers.append(NOT_KEPT)
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            write_line(scope, status, perf_counter() - started)
            request_id.reset(before)


def write_line(scope: Scope, status: int, seconds: float) -> None:
    """Write the access line. The query string may hold secrets, so it is left out."""
    log.info(
        "request",
        method=scope["method"],
        route=route_of(scope),
        path=scope["path"],
        status=status,
        duration_ms=round(seconds * 1000, 2),
    )


def route_of(scope: Scope) -> str | None:
    """Return the path as it was declared, or None where no route was found."""
    declared: str | None = getattr(scope.get("route"), "path_format", None)
    return declared


class CrashBarrier:
    """Answers what nobody expected. Inside CORS, so that a browser may read it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        # The last one that can answer takes whatever it is.
        # ast-grep-ignore: ERR-03
        except Exception:
            log.exception("crashed", path=scope.get("path"))
            # Half an answer can not be taken back: the server cuts the connection.
            if started or scope["type"] != "http":
                raise
            await problem(500, "Something went wrong on our side.")(
                scope, receive, send
            )


class BodyLimit:
    """Refuses large bodies, declared or not, before they fill the memory."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = header(scope, b"content-length")
        # As a float, which may have any number of digits; an int has 4300 at most.
        if declared.isdecimal() and float(declared) > self.limit:
            await problem(413, self._detail())(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise HTTPException(413, self._detail())
            return message

        await self.app(scope, count, send)

    def _detail(self) -> str:
        return f"A body has at most {self.limit} bytes."
