from typing import Any

import pytest
from pydantic import ValidationError

from app.core.config import Settings
from app.core.job_settings import JobsSettings
from app.jobs.handlers import handles
from app.schemas.job import JobArguments
from app.worker import check_queues
from tests.factories import make_settings


class Mail(JobArguments):
    job_name = "mail"
    job_queue = "mail"


@pytest.mark.parametrize(
    ("text", "queues"),
    [
        ("default:8", {"default": 8}),
        (" default:4 , mail:0,", {"default": 4, "mail": 0}),
    ],
)
def test_queues_are_read_from_a_text(
    monkeypatch: pytest.MonkeyPatch, text: str, queues: dict[str, int]
) -> None:
    monkeypatch.setenv("JOBS_QUEUES", text)

    assert Settings.read().jobs.places == queues


@pytest.mark.parametrize(
    "text", ["default", "default:x", "Mail:1", "a:-1", ":1", "a:1,a:2", ","]
)
def test_queues_that_are_invalid_end_the_start(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("JOBS_QUEUES", text)

    with pytest.raises(SystemExit, match="JOBS_QUEUES"):
        Settings.read()


@pytest.mark.parametrize(
    "values", [{"max_attempts": 0}, {"retry_seconds": 0}, {"poll_seconds": 0}]
)
def test_numbers_have_limits(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JobsSettings(**values)


def test_worker_refuses_more_jobs_than_connections() -> None:
    settings = make_settings(jobs=JobsSettings(queues="default:10"))

    with pytest.raises(SystemExit, match="its jobs need 11 connections"):
        check_queues(settings)


def test_worker_refuses_a_handler_whose_queue_has_no_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @handles(Mail)
    async def send(job: Mail, context: object) -> None:
        return None

    monkeypatch.setattr("app.worker.HANDLERS", [send])

    with pytest.raises(SystemExit, match="JOBS_QUEUES: add mail"):
        check_queues(make_settings())
    check_queues(make_settings(jobs=JobsSettings(queues="mail:0")))
