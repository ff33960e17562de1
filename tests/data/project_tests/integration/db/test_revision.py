"""Readiness: whether the database has the migrations of the code."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from time import perf_counter

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.core.database_settings import DatabaseSettings
from app.core.errors import DatabaseUnavailableError
from app.db import Database, revision
from app.db.factory import open_database
from tests.support.databases import UNREACHABLE_URLS, new_database

CONFIG = '[tool.alembic]\nscript_location = "%(here)s/migrations"\n'
SCRIPT = "revision = {!r}\ndown_revision = {!r}\ndepends_on = {!r}\n"
# Revisions, with their predecessors and what they depend on.
CHAIN = {"a": (None, None), "b": ("a", None)}
BRANCHES = CHAIN | {"c": ("a", None)}
MERGED = BRANCHES | {"d": (("b", "c"), None)}
DEPENDENT = {"a": (None, None), "z": (None, "a")}


def write_migrations(
    folder: Path, revisions: Mapping[str, tuple[object, object]]
) -> None:
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    for name, (before, needed) in revisions.items():
        script = SCRIPT.format(name, before, needed)
        (versions / f"{name}.py").write_text(script)
    (folder / "pyproject.toml").write_text(CONFIG)


@pytest.fixture(autouse=True)
def unread_migrations(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    monkeypatch.setattr(revision, "CONFIG", tmp_path / "pyproject.toml")
    revision.read_migrations.cache_clear()
    yield
    revision.read_migrations.cache_clear()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[SecretStr]:
    with new_database(tmp_path) as url:
        yield SecretStr(url)


@pytest.fixture
async def empty(url: SecretStr) -> AsyncGenerator[Database]:
    database = open_database(DatabaseSettings(url=url))
    yield database
    await database.close()


async def stamp(database: Database, *revisions: str) -> None:
    """Write the table of Alembic."""
    async with database.engine.begin() as connection:
        table = "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"
        await connection.execute(text(table))
        await connection.execute(text("DELETE FROM alembic_version"))
        for name in revisions:
            row = text("INSERT INTO alembic_version VALUES (:name)")
            await connection.execute(row, {"name": name})


@pytest.mark.blocks
@pytest.mark.parametrize(
    ("revisions", "stamped", "is_migrated"),
    [
        pytest.param(CHAIN, "", False, id="empty database"),
        pytest.param(CHAIN, "a", False, id="older database"),
        pytest.param(CHAIN, "b", True, id="current database"),
        pytest.param(CHAIN, "n", True, id="newer database"),
        pytest.param(BRANCHES, "b", False, id="one of two heads"),
        pytest.param(BRANCHES, "bc", True, id="both heads"),
        pytest.param(BRANCHES, "bn", True, id="one head and a newer revision"),
        pytest.param(MERGED, "bc", False, id="heads before their merge"),
        pytest.param(MERGED, "d", True, id="merged heads"),
        pytest.param(DEPENDENT, "a", False, id="before a dependent head"),
        pytest.param(DEPENDENT, "z", True, id="dependent head"),
        pytest.param({}, "", True, id="no migrations"),
        pytest.param({}, "n", True, id="no migrations any more"),
    ],
)
async def test_database_is_migrated_when_it_has_all_revisions_of_the_code(
    revisions: Mapping[str, tuple[object, object]],
    stamped: str,
    is_migrated: bool,
    empty: Database,
    tmp_path: Path,
) -> None:
    write_migrations(tmp_path, revisions)
    if stamped:
        await stamp(empty, *stamped)

    assert await empty.is_migrated() is is_migrated


async def test_installation_without_migrations_is_not_checked(empty: Database) -> None:
    assert await empty.is_migrated()


@pytest.mark.blocks
async def test_migrated_database_is_remembered(empty: Database, tmp_path: Path) -> None:
    write_migrations(tmp_path, CHAIN)
    await stamp(empty, "a")
    assert not await empty.is_migrated()
    await stamp(empty, "b")
    assert await empty.is_migrated()

    await empty.close()
    started = perf_counter()
    assert await empty.is_migrated()
    assert perf_counter() - started < 0.001
    assert "Connections in pool: 0" in empty.engine.pool.status()


@pytest.mark.blocks
@pytest.mark.parametrize("url", UNREACHABLE_URLS)
async def test_database_that_can_not_be_asked_is_unavailable(
    url: str, tmp_path: Path
) -> None:
    write_migrations(tmp_path, CHAIN)
    database = open_database(DatabaseSettings(url=SecretStr(url)))

    with pytest.raises(DatabaseUnavailableError):
        await database.is_migrated()
