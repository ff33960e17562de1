"""Settings of the database: its URL, connections and timeouts."""

from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from app.core.about import SLUG
from app.core.base_settings import SettingsGroup
from app.core.database_url import read_url, sqlite_url
from app.core.postgresql_url import is_postgresql, postgresql_url, url_settings

# The server counts in milliseconds, and 0 would mean no timeout.
Seconds = Annotated[float, Field(ge=0.001, le=86_400)]


class DatabaseSettings(SettingsGroup):
    """URL of the database, size of the connection pool, and timeouts in seconds."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///./local.db")
    allow_sqlite: bool = False
    # The mode of a connection pooler, such as PgBouncer, in front of the server.
    pooler: Literal["none", "session", "transaction"] = "none"
    application_name: str = SLUG
    pool_size: int = Field(default=10, ge=1, le=1000)
    pool_timeout: Seconds = 2.0
    connect_timeout: Seconds = 2.0
    statement_timeout: Seconds = 5.0

    @model_validator(mode="before")
    @classmethod
    def read_url_settings(cls, data: Any) -> Any:
        """Add the settings in the URL, such as `connect_timeout`; variables precede."""
        return {**url_settings(data), **data} if hasattr(data, "keys") else data

    @field_validator("url")
    @classmethod
    def validate_url(cls, secret: SecretStr) -> SecretStr:
        """Return the URL in the form that SQLAlchemy needs, or reject it."""
        url = read_url(secret.get_secret_value())
        if url is not None and url.drivername.startswith("sqlite"):
            url = sqlite_url(url)
        elif url is not None and is_postgresql(url):
            url = postgresql_url(url)
        else:
            raise ValueError(
                "write postgresql+asyncpg://user@host/name, with special characters"
                " percent-encoded, or sqlite+aiosqlite:///./file.db"
            )
        return SecretStr(url.render_as_string(hide_password=False))

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
