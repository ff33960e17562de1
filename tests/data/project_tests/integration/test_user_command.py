"""The command `make user`."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app import users
from app.core.config import Settings
from app.core.database_settings import DatabaseSettings
from tests.factories import make_settings
from tests.support.databases import migrate, new_database

# The command begins an event loop of its own.
pytestmark = pytest.mark.blocks
ADA = "ada@example.com"
PHRASE = "correct horse"
Command = Callable[..., str]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """Run the command with a line of standard input, and return its output."""

    def run(*arguments: str, line: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(line))
        users.main(arguments)
        return capsys.readouterr().out

    with new_database(tmp_path) as url:
        migrate(url)
        settings = make_settings(database=DatabaseSettings(url=SecretStr(url)))
        monkeypatch.setattr(Settings, "read", lambda: settings)
        yield run


@pytest.mark.parametrize(
    ("arguments", "line", "error"),
    [
        (["show", "grace@example.com"], "", "no user with this address"),
        (["create", ADA], PHRASE, "There is a user with this address"),
        (["create", "ada"], PHRASE, "email: value is not a valid email address"),
        (["create", "b@example.com"], "short", "at least 8 characters"),
        (["set-password", ADA], "short", "at least 8 characters"),
    ],
)
def test_error_is_one_line(
    arguments: list[str], line: str, error: str, command: Command
) -> None:
    command("create", ADA, line=PHRASE)

    with pytest.raises(SystemExit) as end:
        command(*arguments, line=line)

    assert error in str(end.value)
    assert "\n" not in str(end.value)


@pytest.mark.parametrize("second", [PHRASE, "another one"])
def test_terminal_asks_twice(second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter([PHRASE, second])

    def answer(_: str) -> str:
        return next(given)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(users, "getpass", answer)

    if second == PHRASE:
        assert users.read_password() == PHRASE
    else:
        with pytest.raises(SystemExit):
            users.read_password()


def test_database_without_migrations_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = SecretStr(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    settings = make_settings(database=DatabaseSettings(url=url))
    monkeypatch.setattr(Settings, "read", lambda: settings)

    with pytest.raises(SystemExit, match="not migrated"):
        users.main(["show", ADA])
