"""The picture of a session in the README."""

import re
import subprocess
from html import unescape
from pathlib import Path

import pytest

from extensions.session import PICTURE, STEPS, draw, play


def test_session_shows_commands_and_lines_of_their_output(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()

    shown = play(tmp_path, {"cd inner && printf 'a\\nb\\n'": "b", "ls -d": "."})

    assert shown == [
        "$ cd inner && printf 'a\\nb\\n'",
        "b",
        "",
        "$ ls -d",
        ".",
    ]


def test_failing_command_ends_the_session(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        play(tmp_path, {"false": ""})


def texts(picture: str) -> list[str]:
    """Return the lines of a picture."""
    return [unescape(text) for text in re.findall(r">([^<]*)</text>", picture)]


def test_picture_escapes_the_output() -> None:
    assert texts(draw(["$ a < b", "", "&"])) == ["$ a < b", "", "&"]


def test_committed_picture_shows_the_steps() -> None:
    shown = texts(PICTURE.read_text(encoding="utf-8"))
    commands = [text[2:] for text in shown if text.startswith("$ ")]

    assert commands == [command[:86] for command in STEPS]
