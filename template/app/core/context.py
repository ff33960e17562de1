"""The ID of the current request, for log records and error responses."""

from contextvars import ContextVar

# Tasks and threads that a request starts inherit it.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
