"""A moment in time costs nothing where the database knows zones."""

from sqlalchemy import make_url

from app.models.base import UtcDateTime

POSTGRESQL = make_url("postgresql+asyncpg://").get_dialect()()
SQLITE = make_url("sqlite+aiosqlite://").get_dialect()()


def test_only_sqlite_pays_for_the_zone() -> None:
    assert UtcDateTime().result_processor(SQLITE, None) is not None
    assert UtcDateTime().result_processor(POSTGRESQL, None) is None
