"""Limits of HTTP connections: the size of a request's headers, the time to send it.

uvicorn has neither, and the application gets a request only after its headers.
"""

from contextvars import copy_context
from os import urandom
from typing import Any

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.errors import DEFAULTS, problem
from app.api.middleware import add_headers
from app.core.config import ApiSettings
from app.core.context import request_id
from app.core.logging import get_logger

log = get_logger(__name__)
LIMITS = "limits"  # key of the settings in the state of a server


def limit_connections(settings: ApiSettings) -> dict[str, ApiSettings]:
    """Return the state of a lifespan that limits the connections of its server.

    uvicorn chooses its class before it creates the application, so that class has to
    create instances of `LimitedProtocol`, however uvicorn was started.
    """
    HttpToolsProtocol.__new__ = create_protocol  # type: ignore[assignment]
    return {LIMITS: settings}


def create_protocol(cls: type[HttpToolsProtocol], **options: Any) -> HttpToolsProtocol:
    """Create the protocol of a connection, before its `__init__`."""
    is_limited = cls is HttpToolsProtocol and LIMITS in options["app_state"]
    return object.__new__(LimitedProtocol if is_limited else cls)


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which rejects requests that do not end."""

    def connection_made(self, transport: Any) -> None:
        """Start the timer: one for all requests of the connection."""
        super().connection_made(transport)
        self.limits: ApiSettings = self.app_state[LIMITS]
        most = self.limits.max_body_bytes  # also for a message of a WebSocket
        self.config.ws_max_size = min(self.config.ws_max_size, most)
        self.start_request()
        self.timer = self.loop.call_later(self.limits.request_timeout, self.check_time)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self.timer.cancel()
        super().connection_lost(exc)

    def start_request(self) -> None:
        """Start to measure a request."""
        self.started, self.header_bytes, self.is_complete = self.loop.time(), 0, False

    def on_message_begin(self) -> None:
        """Handle the start of a request."""
        super().on_message_begin()
        self.start_request()

    def on_body(self, body: bytes) -> None:
        """Handle a part of the body, which `BodyLimit` limits."""
        self.header_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Handle the end of a request."""
        self.header_bytes, self.is_complete = 0, True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Parse data in parts, none of which is larger than the limit."""
        self.is_complete, limit = False, self.limits.max_header_bytes
        while data and not self.transport.is_closing():
            part = data[: limit - self.header_bytes]
            if not part:
                self.reject(431, f"Headers have at most {limit} bytes.")
                return
            self.header_bytes += len(part)
            super().data_received(part)
            # What follows the request of a WebSocket is not HTTP.
            is_http = self.transport.get_protocol() is self
            data = data[len(part) :] if is_http else b""

    def check_time(self) -> None:
        """Reject a request that is still incomplete after the timeout."""
        if self.transport.get_protocol() is not self:
            return  # The connection is a WebSocket.
        timeout = remaining = self.limits.request_timeout
        # If reading is paused, the client waits for the application.
        if not self.is_complete and not self.flow.read_paused:
            remaining += self.started - self.loop.time()
        if remaining > 0:
            self.timer = self.loop.call_later(remaining, self.check_time)
        else:
            self.reject(408, f"A request takes at most {timeout:g} seconds.")

    def send_400_response(self, msg: str) -> None:
        """Reject a request that is not valid HTTP."""
        self.reject(400, msg)

    def reject(self, status: int, detail: str) -> None:
        """Respond, unless another response has begun, and close the connection."""
        cycle: Any = self.cycle
        if cycle and cycle.scope is self.scope:
            can_respond = not cycle.response_started
        else:
            can_respond = not cycle or cycle.response_complete
        if can_respond:
            self.transport.write(copy_context().run(render_problem, status, detail))
        self.transport.close()


def render_problem(status: int, detail: str) -> bytes:
    """Log the rejection of a request, and return the response."""
    current = urandom(16).hex()
    request_id.set(current)
    log.info("refused", status=status, reason=detail)
    response = problem(status, detail, headers={"Connection": "close"})
    message: Message = {"headers": response.raw_headers}
    add_headers(message, current)
    lines = [f"HTTP/1.1 {status} {DEFAULTS[status][1]}".encode()]
    lines += [name + b": " + value for name, value in message["headers"]]
    return b"\r\n".join([*lines, b"", bytes(response.body)])
