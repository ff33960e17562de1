"""The command `make user`."""

import io
from pathlib import Path

import pytest
from pydantic import SecretStr

from app import users
from app.core.config import Settings
from app.core.database_settings import DatabaseSettings
from tests.factories import make_settings
from tests.support.auth import EMAIL, PHRASE
from tests.support.databases import migrate, new_database

# The command begins an event loop of its own.
pytestmark = pytest.mark.blocks


def test_user_is_created_shown_and_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with new_database(tmp_path) as url:
        migrate(url)
        settings = make_settings(database=DatabaseSettings(url=SecretStr(url)))
        monkeypatch.setattr(Settings, "read", lambda: settings)

        for command, state in [
            ("create", "active"),
            ("show", "active"),
            ("deactivate", "inactive"),
            ("activate", "active"),
            ("set-password", "active"),
            ("sign-out", "active"),
        ]:
            monkeypatch.setattr("sys.stdin", io.StringIO(f"{PHRASE}\n"))
            users.main([command, "ADA@example.com"])
            printed = capsys.readouterr().out
            assert f"{EMAIL}: {state}, " in printed
            assert ", 0 sessions, ID " in printed
        with pytest.raises(SystemExit, match=r"^There is no user with this address\.$"):
            users.main(["show", "grace@example.com"])
