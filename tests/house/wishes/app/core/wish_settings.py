"""What can be configured about wishes."""

from pydantic import Field

from app.core.groups import Group


class WishSettings(Group):
    """How much may be wished."""

    limit: int = Field(default=100, ge=1)
