"""Log records of the service and of libraries."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.config import LogSettings
from app.core.context import request_id
from app.core.logging import configure_logging, get_logger

INFO = LogSettings(level="INFO")


@pytest.fixture(autouse=True)
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    configure_logging(INFO, readable=False)
    yield
    configure_logging(INFO, readable=False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_record_is_a_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger("ours").info("sold", lamps=2)

    (line,) = lines(capsys)
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo == UTC
    assert line == {"event": "sold", "lamps": 2, "level": "info", "logger": "ours"}


def test_value_that_can_not_be_written_is_marked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    get_logger("ours").info("sold", lamps=2, cycle=cycle)

    (line,) = lines(capsys)
    assert line["lamps"] == 2
    assert line["cycle"].startswith("<ValueError> ")


@pytest.mark.parametrize("of_library", [False, True])
def test_record_has_the_request_id(
    of_library: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    log: Any = logging.getLogger("theirs") if of_library else get_logger("ours")
    reset = request_id.set("r-1")
    log.info("inside")
    request_id.reset(reset)
    log.info("outside")

    inside, outside = lines(capsys)
    assert inside["request_id"] == "r-1"
    assert "request_id" not in outside
