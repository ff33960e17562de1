"""The picture of a session in the README."""

import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from extensions.session import PICTURE, STEPS, draw, play


def test_session_shows_commands_and_lines_of_their_output(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()

    shown = play(tmp_path, {"cd inner && printf 'a\\nb\\n'": "b", "pwd": "/"})

    assert shown == [
        "$ cd inner && printf 'a\\nb\\n'",
        "b",
        "",
        "$ pwd",
        f"{tmp_path}/inner",
    ]


def test_failing_command_ends_the_session(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        play(tmp_path, {"false": ""})


def test_picture_escapes_the_output() -> None:
    texts = ElementTree.fromstring(draw(["$ a < b", "", "&"])).iter()  # noqa: S314

    assert [it.text for it in texts if it.tag.endswith("text")] == [
        "$ a < b",
        None,
        "&",
    ]


def test_committed_picture_shows_the_steps() -> None:
    shown = ElementTree.parse(PICTURE).getroot().itertext()  # noqa: S314
    commands = [text[2:] for text in shown if text.startswith("$ ")]

    assert commands == [command[:86] for command in STEPS]
