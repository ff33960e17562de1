"""Settings of crash reports to Sentry."""

from pydantic import field_validator
from sentry_sdk.utils import BadDsn, Dsn

from app.core.base_settings import SettingsGroup


class SentrySettings(SettingsGroup):
    """Where crashes are reported to, and the names that the reports have there."""

    dsn: str = ""
    # Empty: ENVIRONMENT, and the slug with the version of the project.
    environment: str = ""
    release: str = ""

    @field_validator("dsn")
    @classmethod
    def validate_dsn(cls, dsn: str) -> str:
        """Raise ValueError for a text that is no DSN."""
        try:
            Dsn(dsn) if dsn else None
        except BadDsn:
            raise ValueError("write https://<key>@<host>/<project>") from None
        return dsn
