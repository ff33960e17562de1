"""The command `make user`: creates, shows and changes users, for support.

It reads the settings of the service. In an image, run `python -m app.users`.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from getpass import getpass

from pydantic import TypeAdapter, ValidationError

from app.core.config import Settings
from app.core.errors import AppError
from app.core.limits import RateLimiter
from app.core.security import Identity, PasswordHasher
from app.db.factory import open_database
from app.schemas.user import Password, UserCreate
from app.services.sessions import SessionService
from app.services.users import UserService

PASSWORD: TypeAdapter[str] = TypeAdapter(Password)


COMMANDS = ("create", "show", "set-password", "sign-out", "deactivate", "activate")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Raises SystemExit, with one line after an error."""
    parser = argparse.ArgumentParser("make user", description="Manage users.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        commands.add_parser(name).add_argument("email")
    options = parser.parse_args(arguments)
    if options.command in ("create", "set-password"):
        options.password = read_password()
    # The output of a command is no log record.
    # ast-grep-ignore: LOG-02
    sys.stdout.write(asyncio.run(run(options)) + "\n")


def read_password() -> str:
    """Ask for a password on a terminal, else read a line of the standard input."""
    try:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        password = getpass("Password: ")
        is_same = getpass("Password, again: ") == password
    except (EOFError, KeyboardInterrupt, UnicodeDecodeError):
        raise SystemExit("no password was read") from None
    if not is_same:
        raise SystemExit("the passwords are different")
    return password


async def run(options: argparse.Namespace) -> str:
    """Run the chosen command, and return its output."""
    settings = Settings.read()
    database = open_database(settings.database)
    users = UserService(database, PasswordHasher(1), RateLimiter(1))
    try:
        if not await database.is_migrated():
            raise SystemExit("the database is not migrated: alembic upgrade head")
        return await apply(users, options)
    except AppError as error:
        raise SystemExit(str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        name = "".join(f"{part}: " for part in first["loc"])
        raise SystemExit(name + first["msg"]) from None
    finally:
        await database.close()


async def apply(users: UserService, options: argparse.Namespace) -> str:
    """Apply a command to a user, and return the state of the user as one line."""
    if options.command == "create":
        data = {"email": options.email, "password": options.password}
        await users.register(UserCreate.model_validate(data))
    user = await users.find(options.email)
    if options.command == "set-password":
        await users.set_password(user["id"], PASSWORD.validate_python(options.password))
    elif options.command == "sign-out":
        await users.sign_out(user["id"])
    elif options.command in ("deactivate", "activate"):
        is_active = options.command == "activate"
        await users.set_active(user["id"], is_active=is_active)
    user = await users.find(options.email)
    sessions = await SessionService(users.db).list_live(Identity(user["id"]))
    state = "active" if user["is_active"] else "inactive"
    return f"{user['email']}: {state}, {sessions.total} sessions, ID {user['id']}"


if __name__ == "__main__":
    main()
