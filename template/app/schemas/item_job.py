"""Arguments of the jobs of items."""

from typing import ClassVar
from uuid import UUID

from app.schemas.job import JobArguments


class ItemCreated(JobArguments):
    """An item was created."""

    job_name: ClassVar[str] = "item_created"

    item_id: UUID
