"""What belongs to the request that is being answered, wherever the code is."""

from contextvars import ContextVar

# Tasks and threads started by a request inherit it; nothing has to hand it on.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
