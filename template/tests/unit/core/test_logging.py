"""One log stream: the same fields on every line, whoever wrote it."""

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
STRANGE = object()


@pytest.fixture(autouse=True)
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    configure_logging(INFO, readable=False)
    yield
    configure_logging(INFO, readable=False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_our_lines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger("ours").info("sold", lamps=2)

    (line,) = lines(capsys)
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo == UTC
    assert line == {"event": "sold", "lamps": 2, "level": "info", "logger": "ours"}


def test_a_field_may_have_any_name(capsys: pytest.CaptureFixture[str]) -> None:
    fields = {"name": "lamp", "args": [2], "message": "100%", "exc_text": "none"}

    get_logger("ours").warning("sold 100%", **fields)

    (line,) = lines(capsys)
    assert fields.items() <= line.items()
    assert (line["event"], line["level"]) == ("sold 100%", "warning")


@pytest.mark.parametrize("name", ["some.library", "uvicorn", "uvicorn.error"])
def test_the_lines_of_others_are_json_too(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = {"color_message": "\x1b[1msold\x1b[0m", "shop": "north"}
    logging.getLogger(name).warning("sold %s", 2, extra=extra)

    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "sold 2",
        "level": "warning",
        "logger": name,
        "shop": "north",
    }


@pytest.mark.parametrize("name", ["httpx2", "uvicorn.access"])
def test_what_the_access_line_says_is_not_said_twice(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger(name).info("GET /?key=hunter2")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("theirs", [False, True])
def test_a_traceback_is_a_field_of_its_line(
    theirs: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    log: Any = logging.getLogger("theirs") if theirs else get_logger("ours")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        log.exception("failed")

    (line,) = lines(capsys)
    assert (line["event"], line["level"]) == ("failed", "error")
    assert "Traceback" in line["exception"]
    assert "ZeroDivisionError" in line["exception"]


@pytest.mark.parametrize("theirs", [False, True])
def test_a_line_says_on_whose_behalf_it_was_written(
    theirs: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    log: Any = logging.getLogger("theirs") if theirs else get_logger("ours")
    reset = request_id.set("r-1")
    log.info("inside")
    request_id.reset(reset)
    log.info("outside")

    inside, outside = lines(capsys)
    assert inside["request_id"] == "r-1"
    assert "request_id" not in outside


def test_what_is_below_the_level_is_not_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(LogSettings(level="ERROR"), readable=False)

    get_logger("ours").warning("unheard")
    logging.getLogger("theirs").warning("unheard")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (STRANGE, f"{STRANGE}"),
        ("\ud800", "\ud800"),
        (b"\xff", "ff"),
        (float("nan"), None),
    ],
)
def test_a_value_that_json_does_not_know_does_not_lose_the_line(
    value: object, written: object, capsys: pytest.CaptureFixture[str]
) -> None:
    get_logger("ours").info("odd", value=value)

    (line,) = lines(capsys)
    assert line["value"] == written
    assert line["timestamp"].endswith("Z")


def test_a_line_is_one_line_whatever_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    get_logger("ours").info("odd", value="a\nb\x85c\u2028d")

    (line,) = lines(capsys)
    assert line["value"] == "a\nb\x85c\u2028d"


def test_a_person_reads_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(INFO, readable=True)

    get_logger("ours").info("sold", lamps=2)
    logging.getLogger("theirs").info("bought")

    ours, theirs = capsys.readouterr().out.splitlines()
    assert "sold" in ours
    assert "lamps=2" in ours
    assert "bought" in theirs


@pytest.mark.parametrize("theirs", [False, True])
def test_a_person_reads_the_traceback_too(
    theirs: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(INFO, readable=True)
    log: Any = logging.getLogger("theirs") if theirs else get_logger("ours")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        log.exception("failed")

    first, *rest = capsys.readouterr().out.splitlines()
    assert "failed" in first
    assert rest[-1] == "ZeroDivisionError: division by zero"
