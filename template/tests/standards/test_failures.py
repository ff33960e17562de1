"""What goes wrong is told to whom it concerns: little to the client, all to the log."""

import json
import logging
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.core.config import LogSettings, Settings
from app.core.errors import ConflictError, UnavailableError

SAID = "hunter2"


def read(line: str) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError:
        pytest.fail(f"LOG-01: not JSON: {line}")
    return record


async def fail(app: FastAPI, client: AsyncClient, error: Exception) -> Response:
    """Let a route raise, and give what is answered."""

    @app.get("/failing")
    async def failing() -> None:
        raise error

    return await client.get("/failing")


async def test_a_crash_is_answered_with_json(app: FastAPI, client: AsyncClient) -> None:
    answer = await fail(app, client, RuntimeError(SAID))

    kind = answer.headers.get("content-type", "")
    assert answer.status_code == 500, f"ERR-02: answered {answer.status_code}"
    assert kind.endswith("json"), f"ERR-02: answered as {kind}: {answer.text}"
    assert answer.json().get("error"), f"ERR-02: no code in {answer.text}"


@pytest.mark.parametrize(
    "error", [RuntimeError(SAID), ConflictError(SAID), UnavailableError(SAID)]
)
async def test_every_failure_is_in_the_log(
    error: Exception,
    app: FastAPI,
    client: AsyncClient,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await fail(app, client, error)

    lines = [line for line in capsys.readouterr().out.splitlines() if SAID in line]
    assert lines, f"ERR-04: nothing in the log about {error!r}"
    level = read(lines[0])["level"]
    assert level in ("warning", "error"), f"ERR-04: {error!r} is only {level}"


async def test_every_line_of_the_log_is_json(
    app: FastAPI, client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await fail(app, client, RuntimeError(SAID))
    logging.getLogger("some.library").warning("two\nlines")

    records = [read(line) for line in capsys.readouterr().out.splitlines()]
    assert records, "LOG-01: nothing is written"
    for record in records:
        missing = {"event", "level", "timestamp"} - record.keys()
        assert not missing, f"LOG-01: {missing} is missing in {record}"


def test_production_writes_json_unless_told_otherwise() -> None:
    production = Settings.model_construct(environment="production", log=LogSettings())

    assert not production.logs_are_text, "LOG-01: text in production"
