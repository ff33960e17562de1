"""Gives a user a role: `python -m app.roles ADDRESS ROLE`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from app.core.config import Settings
from app.core.errors import AppError
from app.core.permissions import Role
from app.db.factory import open_database
from app.services.roles import RoleService


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command. Raises SystemExit, with a message after an error."""
    parser = argparse.ArgumentParser("app.roles", description="Give a user a role.")
    parser.add_argument("email", metavar="ADDRESS")
    parser.add_argument("role", choices=[*Role], type=Role)
    options = parser.parse_args(arguments)
    # The output of a command is no log record.
    # ast-grep-ignore: LOG-02
    sys.stdout.write(asyncio.run(assign(options.email, options.role)) + "\n")


async def assign(email: str, role: Role) -> str:
    """Give a user a role, and return a message."""
    database = open_database(Settings.read().database)
    try:
        user = await RoleService(database).assign(email, role)
        return f"{user.email}: {user.role}"
    except AppError as error:
        raise SystemExit(str(error)) from None
    finally:
        await database.close()


if __name__ == "__main__":
    main()
