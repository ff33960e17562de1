"""The report of an update."""

from pathlib import Path

import pytest

from upkeep import changes, git


def test_two_branches_of_migrations_have_two_heads(tmp_path: Path) -> None:
    for name, below in {"a": None, "b": "a", "c": "a"}.items():
        text = f'revision: str = "{name}"\ndown_revision: str | None = {below!r}\n'
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    assert changes.heads(tmp_path) == {"b", "c"}
    joined = 'revision = "d"\ndown_revision = ("b", "c")\n'
    (tmp_path / "d.py").write_text(joined, encoding="utf-8")

    assert changes.heads(tmp_path) == {"d"}


def test_merge_command_uses_alembic_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def added(since: str) -> list[str]:
        return [f"{changes.VERSIONS}/{since}.py"]

    monkeypatch.setattr(git, "added", added)
    monkeypatch.setattr(changes, "heads", lambda: {"b", "c"})

    assert ".venv/bin/alembic merge heads" in changes.migrations("HEAD")[1]


def test_variables_are_read_in_comments_as_well() -> None:
    text = "# What it is.\nPORT=1\n# HOST=x=y\n# Not one: a=b\n"

    assert changes.settings(text) == {"PORT": "1", "HOST": "x=y"}
