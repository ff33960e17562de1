"""Exports to a collector that fails."""

import logging
from threading import Event

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from app.core.export_failures import INTERVAL, RepeatFilter, log_seldom, run_all


def test_failure_is_logged_once_while_the_block_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger(OTLPSpanExporter.__module__)
    with log_seldom(OTLPSpanExporter):
        for _ in range(3):
            logger.warning("lost")
    logger.warning("after the block")

    assert caplog.messages == ["lost", "after the block"]


def test_failure_is_logged_again_after_the_interval() -> None:
    repeats = RepeatFilter()
    record = logging.makeLogRecord({"created": 1_000.0})
    later = logging.makeLogRecord({"created": 1_000.0 + INTERVAL})

    assert [*map(repeats.filter, (record, record, later))] == [True, False, True]


@pytest.mark.blocks
def test_function_that_hangs_is_not_awaited() -> None:
    ended = Event()

    assert run_all([ended.set], 1.0)
    assert ended.is_set()
    assert not run_all([Event().wait], 0.01)
