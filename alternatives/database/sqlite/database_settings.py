"""Settings of the database: its file, connections and timeouts."""

from pydantic import Field, SecretStr, field_validator

from app.core.base_settings import SettingsGroup
from app.core.database_url import read_url, sqlite_url


class DatabaseSettings(SettingsGroup):
    """URL of the database file, size of the connection pool, timeouts in seconds."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///./local.db")
    pool_size: int = Field(default=10, ge=1, le=1000)
    pool_timeout: float = Field(default=2.0, gt=0, le=3600)
    busy_timeout: float = Field(default=5.0, gt=0, le=3600)

    @field_validator("url")
    @classmethod
    def validate_file(cls, secret: SecretStr) -> SecretStr:
        """Return the URL with the driver, or reject one that does not name a file."""
        url = sqlite_url(read_url(secret.get_secret_value()))
        return SecretStr(url.render_as_string(hide_password=False))

    def production_errors(self) -> list[str]:
        """Return an error for a missing URL."""
        if "url" not in self.model_fields_set:
            return ["DATABASE_URL: is required in production"]
        return []
