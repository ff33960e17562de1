"""Settings of the database: its URL, connections and timeouts."""

from pydantic import Field, SecretStr, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.base_settings import SettingsGroup

DRIVERS = ("postgresql+asyncpg", "sqlite+aiosqlite")


class DatabaseSettings(SettingsGroup):
    """URL of the database, size of the connection pool, and timeouts in seconds."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///./local.db")
    allow_sqlite: bool = False
    pool_size: int = Field(default=10, ge=1, le=1000)
    pool_timeout: float = Field(default=2.0, gt=0)
    connect_timeout: float = Field(default=2.0, gt=0)
    statement_timeout: float = Field(default=5.0, gt=0)

    @field_validator("url")
    @classmethod
    def validate_driver(cls, url: SecretStr) -> SecretStr:
        """Reject a URL whose driver is not in `DRIVERS`, before a request fails."""
        try:
            driver = make_url(url.get_secret_value()).drivername
        except (ArgumentError, ValueError):
            driver = ""
        if driver not in DRIVERS:
            raise ValueError(
                "write postgresql+asyncpg://user@host/name"
                " or sqlite+aiosqlite:///./file.db"
            )
        return url

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file on this machine."""
        return self.url.get_secret_value().startswith("sqlite")

    @property
    def busy_timeout(self) -> float:
        """Seconds to wait for the lock of a SQLite file: as long as for a statement."""
        return self.statement_timeout

    def production_errors(self) -> list[str]:
        """Return an error for a missing URL, or for SQLite without `allow_sqlite`."""
        if "url" not in self.model_fields_set:
            return ["DATABASE_URL: is required in production"]
        if self.is_sqlite and not self.allow_sqlite:
            return [
                "DATABASE_URL: a SQLite file serves one machine only;"
                " if that is meant, set DATABASE_ALLOW_SQLITE=true"
            ]
        return []
