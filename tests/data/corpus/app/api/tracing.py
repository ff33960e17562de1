"""Middleware that logs slow requests. Pure ASGI."""

from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.logging import get_logger

log = get_logger(__name__)


class Stopwatch:
    """Logs requests that are slow, and requests that fail."""

    def __init__(self, app: ASGIApp, seconds: float = 1.0) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        started = perf_counter()
        try:
            await self.app(scope, receive, send)
        except BaseException:
            log.error("failed", path=scope.get("path"))
            raise
        finally:
            took = perf_counter() - started
            if took > self.seconds:
                log.warning("slow", path=scope.get("path"), seconds=round(took, 3))
