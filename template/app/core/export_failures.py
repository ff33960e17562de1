"""Exports to a collector that fails: logged seldom, and not awaited."""

import logging
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from threading import Thread
from time import monotonic

# Seconds between two records of the same exporter.
INTERVAL = 300.0


class RepeatFilter(logging.Filter):
    """Passes one record in an interval, since each retry of each export has one."""

    _next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is logged."""
        if record.created < self._next:
            return False
        self._next = record.created + INTERVAL
        return True


@contextmanager
def log_seldom(*exporters: type[object]) -> Generator[None]:
    """Filter the records of exporters while the block runs."""
    loggers = [logging.getLogger(exporter.__module__) for exporter in exporters]
    filters = [RepeatFilter() for _ in loggers]
    for logger, repeats in zip(loggers, filters, strict=True):
        logger.addFilter(repeats)
    try:
        yield
    finally:
        for logger, repeats in zip(loggers, filters, strict=True):
            logger.removeFilter(repeats)


def run_all(functions: Collection[Callable[[], object]], seconds: float) -> bool:
    """Run functions in threads of their own, which do not keep the process.

    Returns whether all of them ended in time.
    """
    threads = [Thread(target=function, daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    end = monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))
    return not any(thread.is_alive() for thread in threads)
