"""The command `make user`: creates, shows and changes users, for support.

It reads the settings of the service. In an image, run `python -m app.users`.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from getpass import getpass
from typing import Final

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


async def create(users: UserService, options: argparse.Namespace) -> str:
    """Create a user."""
    data = {"email": options.email, "password": options.password}
    user = await users.register(UserCreate.model_validate(data))
    return f"{user.email}: created, {user.id}"


async def show(users: UserService, options: argparse.Namespace) -> str:
    """Show a user."""
    user = await users.find(options.email)
    sessions = await SessionService(users.db).list_live(Identity(user["id"]))
    state = "active" if user["is_active"] else "inactive"
    return f"{user['email']}: {state}, {sessions.total} sessions, {user['id']}"


async def deactivate(users: UserService, options: argparse.Namespace) -> str:
    """Deactivate a user, and end all sessions."""
    user = await users.find(options.email)
    await users.set_active(user["id"], is_active=False)
    return f"{user['email']}: inactive"


async def activate(users: UserService, options: argparse.Namespace) -> str:
    """Activate a user."""
    user = await users.find(options.email)
    await users.set_active(user["id"], is_active=True)
    return f"{user['email']}: active"


async def set_password(users: UserService, options: argparse.Namespace) -> str:
    """Store a new password, and end all sessions."""
    user = await users.find(options.email)
    await users.set_password(user["id"], PASSWORD.validate_python(options.password))
    return f"{user['email']}: the password is changed"


async def sign_out(users: UserService, options: argparse.Namespace) -> str:
    """End all sessions of a user."""
    user = await users.find(options.email)
    await users.sign_out(user["id"])
    return f"{user['email']}: no sessions"


Command = Callable[[UserService, argparse.Namespace], Awaitable[str]]
COMMANDS: Final[Mapping[str, Command]] = {
    "create": create,
    "show": show,
    "deactivate": deactivate,
    "activate": activate,
    "set-password": set_password,
    "sign-out": sign_out,
}
WITH_PASSWORD: Final = {"create", "set-password"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. Raises SystemExit, with one line after an error."""
    parser = argparse.ArgumentParser("make user", description="Manage users.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__).add_argument("email")
    options = parser.parse_args(arguments)
    if options.command in WITH_PASSWORD:
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
        return await COMMANDS[options.command](users, options)
    except AppError as error:
        raise SystemExit(str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        name = "".join(f"{part}: " for part in first["loc"])
        raise SystemExit(name + first["msg"]) from None
    finally:
        await database.close()


if __name__ == "__main__":
    main()
