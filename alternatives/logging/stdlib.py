"""Logging: all records, ours and the libraries', in one stream with the same fields."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from app.core.config import LogSettings
from app.core.context import request_id
from app.core.log_output import configure_libraries, to_json

# Attributes of a record that are no fields; uvicorn adds a second, coloured message.
NO_FIELDS = {*RESERVED_ATTRS, "color_message"}


class FieldRecord(logging.LogRecord):
    """A record with fields. It does not look for the calling line, which is faster."""

    def __init__(
        self, name: str, level: int, event: str, fields: dict[str, object]
    ) -> None:
        raised = sys.exc_info() if fields.pop("exc_info", False) else None
        super().__init__(name, level, "", 0, event, None, raised)
        self.fields = fields


class FieldLogger:
    """A logger that takes an event and its fields: `log.info("x", n=1)`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        """Log what helps to find a fault."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Log what happens in normal operation."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Log what should be looked at."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Log a failure."""
        self._log(logging.ERROR, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """Log a failure with the traceback of the current exception."""
        self._log(logging.ERROR, event, {"exc_info": True, **fields})

    def _log(self, level: int, event: str, fields: dict[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.handle(FieldRecord(self._name, level, event, fields))


def get_logger(name: str) -> FieldLogger:
    """Return a logger, which takes an event and its fields: `log.info("x", n=1)`."""
    return FieldLogger(name)


def configure_logging(settings: LogSettings, *, readable: bool) -> None:
    """Write all records to standard output: as JSON, or as text for a terminal."""
    formatter = TextFormatter() if readable else JsonLinesFormatter()
    configure_libraries(formatter, settings.level)


def log_fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return the own fields of a record, and those that every record has."""
    if isinstance(record, FieldRecord):
        fields = {**record.fields}
    else:
        fields = {k: value for k, value in vars(record).items() if k not in NO_FIELDS}
    fields["event"] = record.getMessage()
    if (current := request_id.get()) is not None:
        fields["request_id"] = current
    fields["level"] = record.levelname.lower()
    fields["logger"] = record.name
    fields["timestamp"] = datetime.fromtimestamp(record.created, UTC)
    return fields


class JsonLinesFormatter(JsonFormatter):
    """Formats records as JSON objects, one per line, with the traceback as a field."""

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Add the fields of the record, and the traceback."""
        log_data.update(log_fields(record))
        if "exc_info" in message_dict:
            log_data["exception"] = message_dict["exc_info"]

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Return the record as a JSON object."""
        return to_json(log_data)


class TextFormatter(logging.Formatter):
    """Formats records as text for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and the traceback below it."""
        fields = log_fields(record)
        head = [fields.pop(name) for name in ("timestamp", "level", "event", "logger")]
        pairs = [f"{name}={value!r}" for name, value in fields.items()]
        text = " ".join(["{:%FT%T.%fZ} [{:<8}] {} [{}]".format(*head), *pairs])
        if not record.exc_info:
            return text
        return f"{text}\n{self.formatException(record.exc_info)}"
