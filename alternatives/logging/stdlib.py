"""One log stream, ours and the libraries', with the same fields on every line."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from app.core.config import LogSettings
from app.core.context import request_id
from app.core.stream import Logger, as_json, take_over

# What a record is made of; and uvicorn hands every message over again, coloured.
PARTS = {*RESERVED_ATTRS, "color_message"}


class Line(logging.LogRecord):
    """A record of ours: it carries fields, and does not look for who wrote it."""

    def __init__(
        self, name: str, level: int, event: str, fields: dict[str, object]
    ) -> None:
        raised = sys.exc_info() if fields.pop("exc_info", False) else None
        super().__init__(name, level, "", 0, event, None, raised)
        self.fields = fields


class FieldLogger:
    """Writes an event and its fields through the standard library."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        """Say what helps to find a fault."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Say what has happened, as it should."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Say what somebody should look at."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Say what has failed."""
        self._write(logging.ERROR, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """Say what has failed, with the traceback of the moment."""
        self._write(logging.ERROR, event, {"exc_info": True, **fields})

    def _write(self, level: int, event: str, fields: dict[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.handle(Line(self._name, level, event, fields))


def get_logger(name: str) -> Logger:
    """Return a logger that takes an event and its fields: `log.info("x", n=1)`."""
    return FieldLogger(name)


def said(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line says: its own fields, and those that every line has."""
    if isinstance(record, Line):
        line = {**record.fields}
    else:
        line = {key: value for key, value in vars(record).items() if key not in PARTS}
    line["event"] = record.getMessage()
    current = request_id.get()
    if current is not None:
        line["request_id"] = current
    line["level"] = record.levelname.lower()
    line["logger"] = record.name
    line["timestamp"] = datetime.fromtimestamp(record.created, UTC)
    return line


class JsonLines(JsonFormatter):
    """One JSON object a line, the traceback in a field of its own."""

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Put in what the line says."""
        log_data.update(said(record))
        if "exc_info" in message_dict:
            log_data["exception"] = message_dict["exc_info"]

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Write it all as one object."""
        return as_json(log_data)


class ReadableLines(logging.Formatter):
    """Text for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line, and the traceback below it."""
        line = said(record)
        head = [line.pop(name) for name in ("timestamp", "level", "event", "logger")]
        fields = [f"{name}={value!r}" for name, value in line.items()]
        text = " ".join(["{:%FT%T.%fZ} [{:<8}] {} [{}]".format(*head), *fields])
        if not record.exc_info:
            return text
        return f"{text}\n{self.formatException(record.exc_info)}"


def configure_logging(settings: LogSettings, *, readable: bool) -> None:
    """Send everything to standard output: JSON lines, or text where a person reads."""
    take_over(ReadableLines() if readable else JsonLines(), settings.number)
