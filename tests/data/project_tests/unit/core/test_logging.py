"""Log records of the service and of libraries have the same fields."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.config import LogSettings
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


def test_field_may_have_any_name(capsys: pytest.CaptureFixture[str]) -> None:
    fields = {"name": "lamp", "args": [2], "message": "100%", "exc_text": "none"}

    get_logger("ours").warning("sold 100%", **fields)

    (line,) = lines(capsys)
    assert fields.items() <= line.items()
    assert (line["event"], line["level"]) == ("sold 100%", "warning")


@pytest.mark.parametrize("name", ["httpx2", "uvicorn.access"])
def test_access_logs_of_libraries_are_disabled(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger(name).info("GET /?key=hunter2")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("theirs", [False, True])
def test_traceback_is_a_field_of_the_record(
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


def test_record_below_the_level_is_dropped(
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
def test_value_without_a_json_form_is_logged(
    value: object, written: object, capsys: pytest.CaptureFixture[str]
) -> None:
    get_logger("ours").info("odd", value=value)

    (line,) = lines(capsys)
    assert line["value"] == written
    assert line["timestamp"].endswith("Z")


def test_record_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    get_logger("ours").info("odd", value="a\nb\x85c\u2028d")

    (line,) = lines(capsys)
    assert line["value"] == "a\nb\x85c\u2028d"


def test_readable_record_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(INFO, readable=True)

    get_logger("ours").info("sold", lamps=2)
    logging.getLogger("theirs").info("bought")

    ours, theirs = capsys.readouterr().out.splitlines()
    assert "sold" in ours
    assert "lamps=2" in ours
    assert "bought" in theirs


@pytest.mark.parametrize("theirs", [False, True])
def test_readable_record_has_the_traceback(
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


@pytest.mark.parametrize("name", ["some.library", "uvicorn", "uvicorn.error"])
def test_record_of_a_library_is_a_json_object(
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
