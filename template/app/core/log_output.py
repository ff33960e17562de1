"""Output of the log: JSON, standard output, and the loggers of the libraries.

Logging never raises: a value that can not be written becomes a text with the error.
"""

import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from reprlib import Repr
from types import NoneType
from typing import Any

from pydantic import ConfigDict, TypeAdapter

ACCESS_LOGGER = "uvicorn.access"
SERVER_LOGGERS = ("uvicorn", "uvicorn.error", ACCESS_LOGGER, "uvicorn.asgi")
# The access log repeats our record of the request, and httpx2 logs whole URLs at INFO.
LOGGER_LEVELS = {"httpx2": "WARNING", ACCESS_LOGGER: "CRITICAL"}
FIELDS: TypeAdapter[Any] = TypeAdapter(Any, config=ConfigDict(ser_json_bytes="hex"))
# Types of most values, which need no further check.
SCALARS = {bool, datetime, float, int, NoneType, str}
# Python can not parse an integer with more digits.
MAX_DIGITS = 4300
# Limits of the depth and the length, which also end cycles.
SHORT = Repr(maxdict=50, maxlist=50, maxstring=500, maxother=500)
# Attributes that every record has; the others are fields.
ATTRIBUTES = vars(logging.makeLogRecord({})).keys()
CONTAINERS: tuple[type[Any], ...] = (Mapping, list, tuple, set, frozenset)
UNWANTED = ('"WebSocket', "ASGI callable returned without completing")
UNUSABLE = (AttributeError, OSError, ValueError)  # standard output is closed


def to_json(fields: Mapping[str, Any]) -> str:
    """Return log fields as one line of ASCII JSON; unknown types become strings."""
    try:
        if not SCALARS.issuperset(map(type, fields.values())):
            reject_iterators(fields)
        line = FIELDS.dump_json(fields, ensure_ascii=True, fallback=str).decode()
        if len(line) > MAX_DIGITS:
            json.loads(line)
    # The methods of a value that is logged may raise any error.
    # ast-grep-ignore: ERR-03
    except Exception:
        return json.dumps({to_text(name): to_plain(fields[name]) for name in fields})
    return line


def reject_iterators(value: Any) -> None:
    """Raise TypeError for an iterator in a value, which Pydantic reads to its end.

    Raises RecursionError for a cycle.
    """
    if hasattr(value, "__next__"):
        raise TypeError
    if isinstance(value, CONTAINERS):
        parts: Any = value.values() if hasattr(value, "values") else value
        for part in parts:
            reject_iterators(part)


def to_plain(value: Any) -> Any:
    """Return a value as JSON types, or as a text with the error."""
    try:
        reject_iterators(value)
        plain = FIELDS.dump_python(value, mode="json", fallback=str)
        json.loads(json.dumps(plain, allow_nan=False))
    # The methods of a value that is logged may raise any error.
    # ast-grep-ignore: ERR-03
    except Exception as error:
        return f"<{type(error).__name__}> {to_text(value)}"
    return plain


def to_text(value: object) -> str:
    """Return a string as it is, and the `repr` of another value, shortened."""
    if type(value) is str:
        return value
    try:
        return SHORT.repr(value)
    # The `__repr__` of a value may raise any error.
    # ast-grep-ignore: ERR-03
    except Exception:
        return object.__repr__(value)


def repair_fields(fields: Mapping[str, Any], error: Exception) -> dict[str, Any]:
    """Return log fields as JSON types, with the error that one of them has caused."""
    plain = {to_text(name): to_plain(value) for name, value in fields.items()}
    return {**plain, "log_error": to_text(error)}


class SafeFormatter(logging.Formatter):
    """Formats each record, also if its arguments or fields raise an error."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        """Return the formatted record."""
        try:
            return self._formatter.format(record)
        # The methods of a value that is logged may raise any error.
        # ast-grep-ignore: ERR-03
        except Exception as error:
            return self._formatter.format(repair_record(record, error))


def repair_record(record: logging.LogRecord, error: Exception) -> logging.LogRecord:
    """Copy a record, with its arguments and fields as JSON types."""
    values = {**vars(record)}
    attributes = {name: values.pop(name) for name in ATTRIBUTES if name in values}
    if hasattr(values.get("fields"), "keys"):
        values = values["fields"]  # where `FieldRecord` keeps its fields
    fields = repair_fields(values, error)
    message = f"{to_text(record.msg)} {to_text(record.args or '')}".rstrip()
    plain = {"msg": message, "args": None, "exc_info": None}
    return logging.makeLogRecord({**fields, **attributes, **plain})


class StandardOutput:
    """Writes to the current `sys.stdout`, which tests replace after the start."""

    def write(self, text: str) -> int:
        """Write a text; without a standard output it is lost."""
        try:
            return sys.stdout.write(text)
        except UnicodeEncodeError:
            return sys.stdout.write(text.encode("ascii", "backslashreplace").decode())
        except UNUSABLE:
            return 0

    def flush(self) -> None:
        """Send the text now."""
        with suppress(*UNUSABLE):
            sys.stdout.flush()


# Any, because the class implements only a part of the text stream interface.
STDOUT: Any = StandardOutput()


def configure_libraries(formatter: logging.Formatter, level: str) -> None:
    """Write the records of all libraries to standard output, with one formatter."""
    handler = logging.StreamHandler(STDOUT)
    handler.setFormatter(SafeFormatter(formatter))
    handler.addFilter(is_wanted)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in SERVER_LOGGERS:
        server = logging.getLogger(name)
        # Without a handler, uvicorn does not even format the records of its access log.
        server.handlers, server.propagate = [], name != ACCESS_LOGGER
    for name, minimum in LOGGER_LEVELS.items():
        logging.getLogger(name).setLevel(minimum)
    logging.captureWarnings(True)


def is_wanted(record: logging.LogRecord) -> bool:
    """Drop uvicorn's records of WebSockets and of responses that end early.

    The former have the query string; our record of the request replaces both.
    """
    text = to_text(record.msg) if record.name == "uvicorn.error" else ""
    return not any(unwanted in text for unwanted in UNWANTED)
