"""The revision of the schema: whether the migrations of this code have run."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

CONFIG = Path(__file__).parents[2] / "pyproject.toml"


@cache
def read_migrations() -> ScriptDirectory | None:
    """Read the migrations. Return None if they are not installed with the service."""
    try:
        migrations = ScriptDirectory.from_config(Config(toml_file=CONFIG))
        migrations.get_heads()  # Reads the files.
    except CommandError:
        return None
    return migrations


def is_migrated(connection: Connection) -> bool:
    """Return whether the database has all migrations of this code, or newer ones.

    The migrations of a new release run before its code replaces this one. The database
    then has a revision that is unknown here, and this code still serves requests.
    """
    migrations = read_migrations()
    if migrations is None:
        return True
    current = MigrationContext.configure(connection).get_current_heads()
    if {*current} - {script.revision for script in migrations.walk_revisions()}:
        return True
    applied = {script.revision for script in migrations.get_all_current(current)}
    return applied.issuperset(migrations.get_heads())
