"""Log records of the service and of libraries."""

import json
import logging
from typing import Any

import pytest

from app.core.config import LogSettings
from app.core.context import request_id
from app.core.logging import configure_logging, get_logger

CYCLE: list[Any] = [1]
CYCLE.append(CYCLE)


@pytest.fixture(autouse=True)
def logs(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogSettings(level="INFO"), readable=False)


def test_record_is_a_json_object_with_the_request_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reset = request_id.set("r-1")
    get_logger("ours").info("sold", lamps=2)
    logging.getLogger("theirs").info("sold %d", 2)
    request_id.reset(reset)

    ours, theirs = map(json.loads, capsys.readouterr().out.splitlines())
    common = {"timestamp": ours["timestamp"], "level": "info", "request_id": "r-1"}
    assert ours == common | {"event": "sold", "logger": "ours", "lamps": 2}
    assert (theirs["event"], theirs["request_id"]) == ("sold 2", "r-1")


def test_record_that_can_not_be_written_is_marked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)  # In pytest's own handler.
    get_logger("ours").info("sold", lamps=2, cycle=CYCLE)
    logging.getLogger("theirs").info("sold %d", "lamp", extra={"cycle": CYCLE})

    ours, theirs = map(json.loads, capsys.readouterr().out.splitlines())
    assert ours["lamps"] == 2
    assert ours["cycle"].startswith("<RecursionError> ")
    assert theirs["cycle"].startswith("<RecursionError> ")
    assert theirs["event"].startswith("sold %d")
