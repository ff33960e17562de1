"""Where the data is, and how long a request may wait for it."""

from pydantic import Field, SecretStr, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.groups import Group

DRIVER = "sqlite+aiosqlite"
# Gone with the connection that made them, and not known to any other.
NO_FILES = (None, "", ":memory:")


class DatabaseSettings(Group):
    """Which file it is, and how many seconds a request may wait for it."""

    url: SecretStr = SecretStr("sqlite+aiosqlite:///./local.db")
    pool_size: int = Field(default=10, ge=1, le=1000)
    pool_timeout: float = Field(default=2.0, gt=0)
    busy_timeout: float = Field(default=5.0, gt=0, le=3600)

    @field_validator("url")
    @classmethod
    def name_a_file(cls, url: SecretStr) -> SecretStr:
        """Refuse at start what would only fail at the first request."""
        try:
            address = make_url(url.get_secret_value())
        except (ArgumentError, ValueError):
            address = make_url("unreadable://")
        if address.drivername != DRIVER or address.database in NO_FILES:
            raise ValueError("name a file, as in sqlite+aiosqlite:////data/app.db")
        return url

    def objections(self) -> list[str]:
        """Production says where its data is."""
        if "url" not in self.model_fields_set:
            return ["DATABASE_URL: is required in production"]
        return []
