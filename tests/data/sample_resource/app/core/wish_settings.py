"""Settings of wishes."""

from pydantic import Field

from app.core.base_settings import SettingsGroup


class WishSettings(SettingsGroup):
    """Limits of wishes."""

    limit: int = Field(default=100, ge=1)
