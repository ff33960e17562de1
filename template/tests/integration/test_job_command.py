"""The command `make jobs`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from app.core.config import Settings
from app.core.database_settings import DatabaseSettings
from app.db.factory import open_database
from app.jobs.manage import main
from app.schemas.job import JobArguments
from app.services.jobs import enqueue
from tests.factories import make_settings
from tests.support.databases import migrate, new_database

# The command begins an event loop of its own.
pytestmark = pytest.mark.blocks


class Task(JobArguments):
    job_name: ClassVar[str] = "task"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with new_database(tmp_path) as url:
        migrate(url)
        settings = make_settings(database=DatabaseSettings(url=SecretStr(url)))
        monkeypatch.setattr(Settings, "read", lambda: settings)
        yield settings


@pytest.fixture
def job_id(settings: Settings) -> UUID:
    async def store() -> UUID:
        database = open_database(settings.database)
        async with database.begin() as transaction:
            job_id = await enqueue(transaction, Task())
        await database.close()
        return job_id

    return asyncio.run(store())


def test_jobs_are_listed_shown_retried_and_discarded(
    job_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["list"])
    listed = capsys.readouterr().out
    assert "default: 1 waiting, 0 running" in listed and str(job_id) in listed
    main(["show", str(job_id)])
    assert "arguments   {}" in capsys.readouterr().out
    main(["retry", str(job_id)])
    main(["discard", str(job_id)])
    assert f"{job_id}: discarded" in capsys.readouterr().out
    main(["list"])
    assert capsys.readouterr().out == "no jobs\n"


@pytest.mark.parametrize("command", ["show", "retry", "discard"])
def test_unknown_job_is_an_error(settings: Settings, command: str) -> None:
    with pytest.raises(SystemExit, match="There is no job"):
        main([command, str(uuid4())])


@pytest.mark.parametrize("arguments", [[], ["show"], ["show", "x"], ["drop", "x"]])
def test_wrong_usage_is_an_error(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
