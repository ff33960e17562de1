"""Settings of the database: its file, connections and timeouts."""

from pydantic import Field, SecretStr, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.base_settings import SettingsGroup

DRIVER = "sqlite+aiosqlite"
# A database in memory ends with its connection, and no other connection sees it.
IN_MEMORY = (None, "", ":memory:")


class DatabaseSettings(SettingsGroup):
    """URL of the database file, size of the connection pool, timeouts in seconds."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///./local.db")
    pool_size: int = Field(default=10, ge=1, le=1000)
    pool_timeout: float = Field(default=2.0, gt=0)
    busy_timeout: float = Field(default=5.0, gt=0, le=3600)

    @field_validator("url")
    @classmethod
    def validate_file(cls, url: SecretStr) -> SecretStr:
        """Reject a URL without a file, which would fail at the first request."""
        try:
            address = make_url(url.get_secret_value())
        except (ArgumentError, ValueError):
            address = make_url("unreadable://")
        if address.drivername != DRIVER or address.database in IN_MEMORY:
            raise ValueError("name a file, as in sqlite+aiosqlite:////data/app.db")
        return url

    def production_errors(self) -> list[str]:
        """Return an error for a missing URL."""
        if "url" not in self.model_fields_set:
            return ["DATABASE_URL: is required in production"]
        return []
