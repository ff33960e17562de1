"""Writes the migration of new tables; a script, run in a copy of the project.

Arguments: the URL of an empty database, the message, and the new tables.
"""

import sys
from argparse import Namespace
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError


def main(url: str, message: str, *tables: str) -> None:
    """Migrate the database, and print the path of a migration to the models."""

    def only_new_tables(_context: Any, _revision: Any, directives: list[Any]) -> None:
        operations = [one for it in directives for one in it.upgrade_ops.ops]
        if others := sorted({one.table_name for one in operations} - {*tables}):
            raise CommandError(
                f"the models differ from the migrations in {', '.join(others)}: first"
                ' make migration m="…", make migrate'
            )

    config: Any = Config(
        toml_file="pyproject.toml", cmd_opts=Namespace(quiet=True, x=None)
    )
    config.attributes["url"] = url
    # No hooks: all new files are formatted together.
    config.get_hooks_list = list
    try:
        command.upgrade(config, "head")
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
