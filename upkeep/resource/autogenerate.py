"""Writes the migration of new tables; a script, run in a copy of the project.

Arguments: the URL of an empty database, the message, and the new tables. The database
is stamped instead of migrated: a migration of the project may need PostgreSQL, and the
tables that exist are left out anyway.
"""

import sys
from argparse import Namespace
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError


def main(url: str, message: str, *tables: str) -> None:
    """Write the migration, and print its path."""

    def only_new_tables(_context: Any, _revision: Any, directives: list[Any]) -> None:
        for script in directives:
            for operations in (script.upgrade_ops, script.downgrade_ops):
                operations.ops = [
                    it for it in operations.ops if it.table_name in tables
                ]

    config: Any = Config(
        toml_file="pyproject.toml", cmd_opts=Namespace(quiet=True, x=None)
    )
    config.attributes["url"] = url
    # No hooks: all new files are formatted together.
    config.get_hooks_list = list
    try:
        command.stamp(config, "head")
        script: Any = command.revision(
            config,
            message,
            autogenerate=True,
            process_revision_directives=only_new_tables,
        )
    except CommandError as error:
        sys.exit(f"Alembic: {error}")
    print(script.path)


if __name__ == "__main__":
    main(*sys.argv[1:])
