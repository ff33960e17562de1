"""Settings of the worker, which runs jobs."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from app.core.base_settings import SettingsGroup

QUEUE = re.compile(r"([a-z][a-z0-9_-]{0,63}):(\d{1,3})")


def parse_queues(text: str) -> dict[str, int]:
    """Parse a text such as `default:8, mail:2`. Raises ValueError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = [QUEUE.fullmatch(part) for part in parts]
    queues = {match[1]: int(match[2]) for match in found if match}
    if not queues or len(queues) < len(parts):
        raise ValueError("write each queue once, as in default:8,mail:2")
    return queues


def check_queues(text: str) -> str:
    """Raise ValueError unless the text can be parsed."""
    parse_queues(text)
    return text


class JobsSettings(SettingsGroup):
    """Queues and retries of jobs."""

    # How many jobs of each queue a worker runs at once; of a queue with 0, none.
    queues: Annotated[str, AfterValidator(check_queues)] = "default:8"
    max_attempts: int = Field(default=5, ge=1, le=1000)
    # The pause after the first failure; it doubles with each further one, to an hour.
    retry_seconds: float = Field(default=5.0, gt=0, le=3600)
    # The pause before an empty queue is read again.
    poll_seconds: float = Field(default=0.5, gt=0, le=60)

    @property
    def places(self) -> dict[str, int]:
        """How many jobs run at once, by queue."""
        return parse_queues(self.queues)
