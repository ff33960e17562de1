"""Output of the log: JSON, standard output, and the loggers of the libraries."""

import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, TypeAdapter

ACCESS_LOGGER = "uvicorn.access"
SERVER_LOGGERS = ("uvicorn", "uvicorn.error", ACCESS_LOGGER, "uvicorn.asgi")
# The access log repeats our record of the request, and httpx2 logs whole URLs at INFO.
LOGGER_LEVELS = {"httpx2": "WARNING", ACCESS_LOGGER: "CRITICAL"}
FIELDS: TypeAdapter[Any] = TypeAdapter(Any, config=ConfigDict(ser_json_bytes="hex"))


def to_json(fields: Mapping[str, Any]) -> str:
    """Return log fields as one line of ASCII JSON; unknown types become strings."""
    try:
        return FIELDS.dump_json(fields, ensure_ascii=True, fallback=str).decode()
    except ValueError:
        # Only the encoder of the standard library can write a lone surrogate.
        return json.dumps(FIELDS.dump_python(fields, mode="json", fallback=str))


class StandardOutput:
    """Writes to the current `sys.stdout`, which tests replace after the start."""

    def write(self, text: str) -> int:
        """Write a text."""
        return sys.stdout.write(text)

    def flush(self) -> None:
        """Send the text now."""
        sys.stdout.flush()


# Any, because the class implements only a part of the text stream interface.
STDOUT: Any = StandardOutput()


def configure_libraries(formatter: logging.Formatter, level: str) -> None:
    """Write the records of all libraries to standard output, with one formatter."""
    handler = logging.StreamHandler(STDOUT)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in SERVER_LOGGERS:
        server = logging.getLogger(name)
        # Without a handler, uvicorn does not even format the records of its access log.
        server.handlers, server.propagate = [], name != ACCESS_LOGGER
    for name, minimum in LOGGER_LEVELS.items():
        logging.getLogger(name).setLevel(minimum)
    logging.captureWarnings(True)
