"""The one stream of the log: who writes to it, and how a line is written."""

import json
import logging
import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

from pydantic import ConfigDict, TypeAdapter

# Libraries that say at INFO what the access line says already, or say a URL whole.
ACCESS = "uvicorn.access"
QUIET = {"httpx2": "WARNING", ACCESS: "CRITICAL"}
SERVERS = ("uvicorn", "uvicorn.error", ACCESS, "uvicorn.asgi")
LINE: TypeAdapter[Any] = TypeAdapter(Any, config=ConfigDict(ser_json_bytes="hex"))


class Logger(Protocol):
    """What takes an event and its fields, whichever library writes the line."""

    def debug(self, event: str, **fields: object) -> object:
        """Say what helps to find a fault."""
        ...

    def info(self, event: str, **fields: object) -> object:
        """Say what has happened, as it should."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Say what somebody should look at."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Say what has failed."""
        ...

    def exception(self, event: str, **fields: object) -> object:
        """Say what has failed, with the traceback of the moment."""
        ...


def as_json(line: Mapping[str, Any]) -> str:
    """Write one object, in ASCII, so that no value can break it."""
    try:
        return LINE.dump_json(line, ensure_ascii=True, fallback=str).decode()
    except ValueError:
        # Half a character, which only Python's own encoder writes.
        return json.dumps(LINE.dump_python(line, mode="json", fallback=str))


class StandardOutputHandler(logging.StreamHandler[TextIO]):
    """The same stream for the records of the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record to the standard output of the moment."""
        # Not by setStream, which flushes the one before: it may be closed.
        self.stream = sys.stdout
        super().emit(record)


def take_over(formatter: logging.Formatter, level: int) -> None:
    """Make everybody's records lines of this stream."""
    handler = StandardOutputHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in SERVERS:
        server = logging.getLogger(name)
        # Whom nobody hears, uvicorn does not even ask: our line says it all.
        server.handlers, server.propagate = [], name != ACCESS
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(quiet)
    logging.captureWarnings(True)
