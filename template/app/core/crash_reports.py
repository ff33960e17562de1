"""Reports of crashes to Sentry, without data of requests."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint

from app.core.about import SLUG
from app.core.config import Settings
from app.core.context import request_id
from app.core.logging import get_logger
from app.core.version import VERSION

log = get_logger(__name__)

# Seconds in which the last reports are sent at the shutdown.
FLUSH_SECONDS = 1.0
# Values in messages of errors: of rows (PostgreSQL), fields (Pydantic), parameters
# (asyncpg, SQLAlchemy), and all that is between quotation marks.
VALUES = re.compile(
    r"(?s)(?<=\nDETAIL:).*|(?<=input_value=).*?(?=, input_type=)|(?<=\[parameters: ).*"
    r"|(?<=invalid input for query argument ).*|(?<!\w)[\"'].*[\"'](?!\w)"
)
# Messages with names of the code between the quotation marks.
NAMED = {
    "AttributeError",
    "ImportError",
    "ModuleNotFoundError",
    "NameError",
    "TypeError",
}


@asynccontextmanager
async def report_crashes(settings: Settings) -> AsyncGenerator[None]:
    """Send crashes to Sentry while the block runs, if there is a DSN."""
    if not (dsn := settings.sentry.dsn):
        yield
        return
    environment = settings.sentry.environment or settings.environment
    release = settings.sentry.release or f"{SLUG}@{VERSION}"
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release,
        # Integrations would send errors twice, and data of requests.
        default_integrations=False,
        auto_enabling_integrations=False,
        # Variables of middleware contain headers, those of routes passwords.
        include_local_variables=False,
        max_breadcrumbs=0,
        send_client_reports=False,
        before_send=without_values,
    )
    # The client logs each retry as a warning.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    log.info("crashes are reported", environment=environment, release=release)
    try:
        yield
    finally:
        await asyncio.to_thread(sentry_sdk.get_client().close, FLUSH_SECONDS)


def report_crash(scope: Mapping[str, Any]) -> None:
    """Report the current exception, with the route and the ID of the request."""
    route = getattr(scope.get("route"), "path_format", "unknown route")
    report_failure(f"{scope.get('method', 'WEBSOCKET')} {route}")


def report_failure(name: str, error: BaseException | None = None) -> None:
    """Report an exception, else the current one, with the ID of the request."""
    with sentry_sdk.new_scope() as report:
        report.set_transaction_name(name)
        report.set_tag("request_id", request_id.get())
        report.capture_exception(error)


def without_values(event: Event, _: Hint) -> Event:
    """Remove values from the messages of the exceptions."""
    for exception in event.get("exception", {}).get("values", []):
        if exception.get("type") not in NAMED:
            exception["value"] = VALUES.sub("…", exception.get("value") or "")
    return event
