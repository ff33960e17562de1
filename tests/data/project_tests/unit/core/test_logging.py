"""Log records of the service and of libraries have the same fields."""

import io
import itertools
import json
import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest

from app.core import logging as app_logging
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


class Broken:
    """A value that can not be written."""

    def __repr__(self) -> str:
        raise ZeroDivisionError


class BrokenError(Exception):
    """An error without a message."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def cycle() -> list[object]:
    found: list[object] = []
    found.append(found)
    return found


def nested(depth: int) -> list[object]:
    found: list[object] = []
    for _ in range(depth):
        found = [found]
    return found


UNWRITABLE: list[object] = [
    cycle(),
    {"self": cycle()},
    nested(500),
    nested(100_000),
    Broken(),
    [1, Broken()],
    {Broken(): 1},
    BrokenError(),
    itertools.count(),
    {"all": [itertools.count()]},
    {"\ud800": 1},
    10**5000,
]


@pytest.mark.parametrize("readable", [False, True])
@pytest.mark.parametrize("number", range(len(UNWRITABLE)))
def test_value_that_can_not_be_written_is_marked(
    number: int, readable: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(INFO, readable=readable)
    value = UNWRITABLE[number]

    get_logger("ours").info("field", value=value, lamps=2)
    get_logger("ours").info(cast("str", value), lamps=2)
    logging.getLogger("theirs").info("field", extra={"value": value, "lamps": 2})
    logging.getLogger("theirs").info("argument %s", value, extra={"lamps": 2})
    logging.getLogger("theirs").info(value, extra={"lamps": 2})

    written = capsys.readouterr().out.splitlines()
    assert ["lamps" in line for line in written] == [True] * 5
    if not readable:
        assert [json.loads(line)["lamps"] for line in written] == [2] * 5


@pytest.mark.parametrize("readable", [False, True])
@pytest.mark.parametrize("arguments", [("%d", "a"), ("sold", 1), ("%(a)s", {"b": 1})])
def test_record_with_wrong_arguments_is_marked(
    arguments: tuple[Any, ...], readable: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(INFO, readable=readable)

    logging.getLogger("theirs").info(*arguments)

    (line,) = capsys.readouterr().out.splitlines()
    assert "log_error" in line
    assert arguments[0] in line


@pytest.mark.skipif(not hasattr(app_logging, "structlog"), reason="only of structlog")
@pytest.mark.parametrize("readable", [False, True])
def test_record_of_the_service_with_wrong_arguments_is_written(
    readable: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(INFO, readable=readable)
    log: Any = get_logger("ours")

    log.info("%d", "lamp")
    log.warning("sold", 1)
    log.error("sold %s", "lamp", event=2, method_name=3)

    written = capsys.readouterr().out
    assert written.count("arguments") == 2
    assert "sold lamp" in written
    assert "event_" in written


@pytest.mark.parametrize("readable", [False, True])
def test_traceback_of_a_broken_error_is_written(
    readable: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(INFO, readable=readable)
    error = BrokenError()
    error.__cause__ = ValueError("first")
    error.__cause__.__cause__ = error
    try:
        raise error
    except BrokenError:
        get_logger("ours").exception("failed")
        logging.getLogger("theirs").exception("failed")

    written = capsys.readouterr().out
    assert written.count("BrokenError") == written.count("ValueError: first") == 2


class ClosedPipe(io.StringIO):
    """A standard output without a reader."""

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize("readable", [False, True])
@pytest.mark.parametrize("output", [ClosedPipe(), None])
def test_closed_standard_output_raises_no_error(
    output: io.StringIO | None, readable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_logging(INFO, readable=readable)
    monkeypatch.setattr("sys.stdout", output)

    get_logger("ours").info("lost")
    logging.getLogger("theirs").info("lost")


def test_character_that_the_terminal_lacks_is_escaped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure_logging(INFO, readable=True)
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, "ascii"))

    get_logger("ours").info("sold", lamp="é")

    assert b"\\xe9" in written.getvalue()


def test_query_string_of_a_websocket_is_not_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = logging.getLogger("uvicorn.error")
    log.info('%s - "WebSocket %s" [accepted]', "1.2.3.4:5", "/ws?key=hunter2")
    log.info("connection open")

    assert [line["event"] for line in lines(capsys)] == ["connection open"]


@pytest.mark.parametrize("what", ["response", "handshake"])
def test_end_that_our_own_record_has_is_logged_once(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logging.getLogger("uvicorn.error")
    log.error(f"ASGI callable returned without completing {what}.")

    assert lines(capsys) == []


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
