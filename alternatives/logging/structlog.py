"""Logging: all records, ours and the libraries', in one stream with the same fields."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.processors import add_log_level
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_logger_name
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from app.core.config import LogSettings
from app.core.context import request_id
from app.core.log_output import STDOUT, configure_libraries, repair_fields, to_json

# Names that a field can not have, since the methods of structlog have them.
PARAMETERS = {"event", "method_name"}
METHODS = ("debug", "info", "warning", "error", "critical", "exception")


class StandardOutputLogger(structlog.WriteLogger):
    """Writes records to standard output."""

    def __init__(self, name: str) -> None:
        super().__init__(STDOUT)
        self.name = name


def get_logger(name: str) -> FilteringBoundLogger:
    """Return a logger, which takes an event and its fields: `log.info("x", n=1)`."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def configure_logging(settings: LogSettings, *, readable: bool) -> None:
    """Write all records to standard output: as JSON, or as text for a terminal."""
    shared: list[Processor] = [add_request_id, add_log_level, add_logger_name]
    as_json: list[Processor] = [structlog.processors.format_exc_info, render_json]
    render = SafeRenderer(text_renderers() if readable else as_json)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=logger_class(settings.level),
        logger_factory=StandardOutputLogger,
        cache_logger_on_first_use=True,
    )
    formatter = ProcessorFormatter(
        foreign_pre_chain=[*shared, ExtraAdder(), drop_colours],
        processors=[ProcessorFormatter.remove_processors_meta, render],
    )
    configure_libraries(formatter, settings.level)


def logger_class(level: str) -> type[Any]:
    """Return the class of loggers, whose methods accept any arguments."""
    base = structlog.make_filtering_bound_logger(level)
    methods = {name: accept_arguments(getattr(base, name)) for name in METHODS}
    return type("Logger", (base,), methods)


def accept_arguments(method: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a method: arguments that do not fit the event become a field."""

    def write(logger: Any, event: str, /, *arguments: Any, **fields: Any) -> Any:
        for name in PARAMETERS & fields.keys():
            fields[f"{name}_"] = fields.pop(name)
        try:
            return method(logger, event, *arguments, **fields)
        # The arguments may raise any error; processors raise none.
        # ast-grep-ignore: ERR-03
        except Exception:
            return method(logger, event, arguments=arguments, **fields)

    return write


def add_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add the ID of the current request."""
    if (current := request_id.get()) is not None:
        event["request_id"] = current
    return event


def drop_colours(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Remove the second, coloured message of uvicorn's records."""
    event.pop("color_message", None)
    return event


class SafeRenderer:
    """Runs processors; if one raises an error, again with plain fields."""

    def __init__(self, processors: Sequence[Processor]) -> None:
        self._processors = processors

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        """Return the record as a string."""
        try:
            return self._render(logger, name, {**event})
        # The methods of a value that is logged may raise any error.
        # ast-grep-ignore: ERR-03
        except Exception as error:
            return self._render(logger, name, repair_fields(event, error))

    def _render(self, logger: WrappedLogger, name: str, event: Any) -> str:
        for process in self._processors:
            event = process(logger, name, event)
        return str(event)


def render_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    """Return the record and its time as a JSON object."""
    event["timestamp"] = datetime.now(UTC)
    return to_json(event)


def text_renderers() -> list[Processor]:
    """Return the processors that format a record as text for a terminal."""
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]
