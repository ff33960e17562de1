"""Settings of Redis."""

from pydantic import Field, SecretStr, field_validator
from redis.asyncio.connection import parse_url

from app.core.base_settings import SettingsGroup


class RedisSettings(SettingsGroup):
    """Redis or Valkey, which all processes share. Without a URL each one is alone."""

    url: SecretStr | None = None
    # Seconds that a request waits for a response; then it goes on without Redis.
    timeout: float = Field(default=0.08, gt=0, le=10)
    pool_size: int = Field(default=20, ge=1)

    @field_validator("url")
    @classmethod
    def validate_url(cls, url: SecretStr | None) -> SecretStr | None:
        """Accept `valkey://`, too, and reject what the client can not parse."""
        if url is None:
            return None
        text = url.get_secret_value().replace("valkey", "redis", 1)
        try:
            parse_url(text)
        except ValueError:
            raise ValueError(
                "write redis://host:6379/0, rediss:// or unix://"
            ) from None
        return SecretStr(text)

    def production_errors(self) -> list[str]:
        """Return an error for a missing URL."""
        return [] if self.url else ["REDIS_URL: is required in production"]
