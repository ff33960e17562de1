"""Settings of the worker, which runs jobs."""

import json
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from app.core.base_settings import SettingsGroup


def parse_queues(value: object) -> object:
    """Parse a text such as `default:8, mail:2`, or a JSON object."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        return json.loads(value)
    parts = [part.rpartition(":") for part in value.split(",") if part.strip()]
    return {name.strip(): number.strip() for name, _, number in parts}


class JobsSettings(SettingsGroup):
    """Queues and retries of jobs."""

    # How many jobs of each queue a worker runs at once; of a queue with 0, none.
    queues: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")],
            Annotated[int, Field(ge=0, le=1000)],
        ],
        NoDecode,
        BeforeValidator(parse_queues),
    ] = {"default": 8}
    max_attempts: int = Field(default=5, ge=1, le=1000)
    # The pause after the first failure; it doubles with each further one, to an hour.
    retry_seconds: float = Field(default=5.0, gt=0, le=3600)
    # The pause before an empty queue is read again.
    poll_seconds: float = Field(default=0.5, gt=0, le=60)
