"""Settings of wishes."""

from pydantic import Field

from app.core.groups import Group


class WishSettings(Group):
    """Limits of wishes."""

    limit: int = Field(default=100, ge=1)
