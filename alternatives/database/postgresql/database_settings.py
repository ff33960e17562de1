"""Where the data is, and how long a request may wait for it."""

from pydantic import Field, SecretStr, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.groups import Group

DRIVERS = ("postgresql+asyncpg", "sqlite+aiosqlite")


class DatabaseSettings(Group):
    """Where the data is, and how many seconds a request may wait for it."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///./local.db")
    allow_sqlite: bool = False
    pool_size: int = Field(default=10, ge=1, le=1000)
    pool_timeout: float = Field(default=2.0, gt=0)
    connect_timeout: float = Field(default=2.0, gt=0)
    statement_timeout: float = Field(default=5.0, gt=0)

    @field_validator("url")
    @classmethod
    def name_a_known_driver(cls, url: SecretStr) -> SecretStr:
        """Refuse at start what would only fail at the first request."""
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
        """Whether the data is in a file of this machine."""
        return self.url.get_secret_value().startswith("sqlite")

    @property
    def busy_timeout(self) -> float:
        """How long a file may be busy: as long as a statement may take."""
        return self.statement_timeout

    def objections(self) -> list[str]:
        """Production says where its data is, and a file is said to be meant."""
        if "url" not in self.model_fields_set:
            return ["DATABASE_URL: is required in production"]
        if self.is_sqlite and not self.allow_sqlite:
            return [
                "DATABASE_URL: a SQLite file serves one machine only;"
                " if that is meant, set DATABASE_ALLOW_SQLITE=true"
            ]
        return []
