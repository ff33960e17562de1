"""One log stream, ours and the libraries', with the same fields on every line."""

import sys
from datetime import UTC, datetime

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core.config import LogSettings
from app.core.context import request_id
from app.core.stream import Logger, as_json, take_over


class StandardOutput:
    """Writes lines to the standard output of the moment, each whole and at once."""

    def __init__(self, name: str = "app") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        """Write one line."""
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    debug = info = warning = error = critical = exception = log = msg


def get_logger(name: str) -> Logger:
    """Return a logger that takes an event and its fields: `log.info("x", n=1)`."""
    logger: Logger = structlog.get_logger(name)
    return logger


def add_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Say on whose behalf the line was written."""
    current = request_id.get()
    if current is not None:
        event["request_id"] = current
    return event


def drop_colours(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Uvicorn hands every message over twice, once coloured."""
    event.pop("color_message", None)
    return event


def configure_logging(settings: LogSettings, *, readable: bool) -> None:
    """Send everything to standard output: JSON lines, or text where a person reads."""
    shared: list[Processor] = [
        add_request_id,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
    ]
    renderers = readable_lines() if readable else json_lines()
    structlog.configure(
        processors=[*shared, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(settings.number),
        logger_factory=StandardOutput,
        cache_logger_on_first_use=True,
    )
    foreign = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            *shared,
            structlog.stdlib.ExtraAdder(),
            drop_colours,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *renderers,
        ],
    )
    take_over(foreign, settings.number)


def json_lines() -> list[Processor]:
    """Render one JSON object a line, the traceback in a field of its own."""
    return [
        add_time,
        structlog.processors.format_exc_info,
        as_line,
    ]


def add_time(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Say when; the time becomes text with the rest of its line, which is quicker."""
    event["timestamp"] = datetime.now(UTC)
    return event


def as_line(_: WrappedLogger, __: str, event: EventDict) -> str:
    """Write it all as one object."""
    return as_json(event)


def readable_lines() -> list[Processor]:
    """Render for a person at a terminal."""
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]
