"""The one stream of the log: what writes to it, and who is made to."""

import logging
import sys
from typing import Protocol, TextIO

# Libraries that say at INFO what the access line says already, or say a URL whole.
ACCESS = "uvicorn.access"
QUIET = {"httpx2": "WARNING", ACCESS: "CRITICAL"}
SERVERS = ("uvicorn", "uvicorn.error", ACCESS, "uvicorn.asgi")


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
