"""Arguments of jobs, and the state of jobs and queues."""

import json
from datetime import datetime
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.schemas.base import ResponseModel


class JobArguments(BaseModel):
    """Base of the arguments of a job. They are stored as JSON.

    A job may be run by a later release. Raise `job_version` when the meaning of a field
    changes, and override `upgrade`. Stored arguments that no longer fit are an error:
    types are strict, and unknown fields are rejected.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    # Stored with each job: it outlives the name of the class.
    job_name: ClassVar[str]
    job_version: ClassVar[int] = 1
    job_queue: ClassVar[str] = "default"
    # Jobs with a smaller number run first.
    job_priority: ClassVar[int] = 100

    @classmethod
    def upgrade(cls, version: int, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of an older version as this version has them.

        Raises:
            ValueError: There is no way to convert them.
        """
        raise ValueError(f"{cls.job_name}: no upgrade from version {version}")

    @classmethod
    def load(cls, version: int, arguments: str) -> Self:
        """Validate stored arguments. Raises ValueError."""
        if version != cls.job_version:
            arguments = json.dumps(cls.upgrade(version, json.loads(arguments)))
        return cls.model_validate_json(arguments, strict=True)

    def dump(self) -> str:
        """Return the arguments as JSON.

        Raises:
            ValueError: They can not be stored, or would be others when they are loaded,
                as an object in a field of type `Any` would, or a `SecretStr`.
        """
        arguments = self.model_dump_json(warnings="error")
        if self.load(self.job_version, arguments) != self:
            raise ValueError(f"{self.job_name}: arguments that JSON does not preserve")
        return arguments


class JobRead(ResponseModel):
    """A job that waits, runs or has failed. A finished job is deleted."""

    id: UUID
    name: str
    version: int
    queue: str
    priority: int
    arguments: str
    context: dict[str, Any]
    created_at: datetime
    due_at: datetime
    attempts: int
    worker: str | None
    error: str | None
    failed_at: datetime | None

    @property
    def state(self) -> Literal["failed", "running", "retrying", "waiting"]:
        """What happens to the job now."""
        if self.failed_at:
            return "failed"
        if self.worker:
            return "running"
        return "retrying" if self.error else "waiting"


QUEUE_METRICS = ("waiting", "running", "retrying", "failed", "oldest_seconds")


class QueueStats(ResponseModel):
    """How many jobs a queue has, and how long the oldest has been due."""

    queue: str
    waiting: int
    running: int
    retrying: int
    failed: int
    oldest_seconds: float
