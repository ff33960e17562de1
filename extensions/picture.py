"""Draws docs/pictures/session.svg: a real session of plain Copier in a terminal."""

import io
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pexpect
import pyte
from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text
from uv import find_uv_bin

from extensions.questions import ROOT, questions

PICTURE = ROOT / "docs" / "pictures" / "session.svg"
ADDRESS = "https://github.com/example/plumbline"
# What is typed; every other question is answered with the Enter key.
TYPED = {
    "project_name": "Order Book",
    "project_description": "Keeps the orders of a shop.",
    "author_name": "Ann Example",
    "author_email": "ann@example.com",
}
# As wide as the longest question, and nothing scrolls away.
COLUMNS, ROWS = 112, 400
SECONDS = 60
PROMPT = "$"
CLEAR_LINE = "\x15"
# Of the files that Copier names, so many are drawn.
FILES = 4
COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow"}


class Screen(pyte.Screen):
    """What a terminal shows; it answers a program that asks where the cursor is."""

    shell: "pexpect.spawn[str]"

    def write_process_input(self, data: str) -> None:
        """Send the answer as if it were typed."""
        self.shell.send(data)


class Terminal:
    """A shell in an emulated terminal."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        """Start the shell in a folder."""
        self.screen = Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self.screen)
        self.screen.shell = self._shell = pexpect.spawn(
            "/bin/bash",
            ["--norc", "--noprofile"],
            cwd=str(folder),
            env={**os.environ, **environment},
            dimensions=(ROWS, COLUMNS),
            encoding="utf-8",
        )
        self.wait_for_prompt()

    def type(self, text: str) -> None:
        """Press keys."""
        self._shell.send(text)

    def start(self, command: str) -> None:
        """Type a command, which may ask before it ends."""
        self.type(f"{command}\r")
        self.wait_for(f"{PROMPT} {command}")

    def wait_for(self, text: str) -> None:
        """Read until a text stands on the screen."""
        while text not in "\n".join(self.screen.display):
            self._read()

    def wait_for_prompt(self) -> None:
        """Read until the shell asks for the next command."""
        while self.screen.display[self.screen.cursor.y].rstrip() != PROMPT:
            self._read()

    def lines(self) -> list[Text]:
        """Give what stands above the prompt."""
        return [self._line(number) for number in range(self.screen.cursor.y)]

    def _read(self) -> None:
        self._stream.feed(self._shell.read_nonblocking(65536, SECONDS))

    def _line(self, number: int) -> Text:
        row = self.screen.buffer[number]
        cells = (row[column] for column in range(COLUMNS))
        line = Text(no_wrap=True)
        for style, group in groupby(cells, style_of):
            line.append("".join(cell.data for cell in group), style)
        line.rstrip()
        return line


def style_of(cell: Char) -> Style:
    """Say in Rich's words how a cell looks."""
    name = COLOURS.get(cell.fg, cell.fg.replace("bright", "bright_"))
    colour = f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else name
    return Style(color=colour, bold=cell.bold, reverse=cell.reverse)


def publish(folder: Path) -> dict[str, str]:
    """Give the working tree the public address: what git must be told for it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    repository = folder / "plumbline.git"
    author = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    there = ("git", f"--git-dir={repository}", f"--work-tree={ROOT}")
    for command in (
        ("git", "init", "--quiet", "--bare", str(repository)),
        (*there, "add", "--all"),
        (*there, *author, "commit", "--quiet", "--message", "The working tree"),
        (*there, "tag", f"v{settings['project']['version']}"),
    ):
        subprocess.run(command, cwd=ROOT, check=True)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{folder}/.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS.removesuffix("plumbline"),
    }


def machine(folder: Path) -> dict[str, str]:
    """Describe a machine on which nobody has set anything."""
    (folder / "settings.yml").write_text("{}\n", encoding="utf-8")
    return {
        "COPIER_CACHE_DIR": str(folder / "cache"),
        "COPIER_SETTINGS_PATH": str(folder / "settings.yml"),
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(find_uv_bin()).parent), os.environ["PATH"]]),
        "PS1": f"{PROMPT} ",
        "TERM": "xterm-256color",
    }


def hold_session(folder: Path) -> list[Text]:
    """Make a project as a person does, and look at what is there."""
    environment = machine(folder) | publish(folder)
    (folder / "home").mkdir()
    # Fetched before, so that the picture does not show it.
    fetch = [f"{find_uv_bin()}x", "--quiet", "copier", "--help"]
    subprocess.run(fetch, check=True, stdout=subprocess.DEVNULL)
    terminal = Terminal(folder / "home", environment)
    terminal.start(f"uvx copier copy {ADDRESS} my-service")
    for question in questions().values():
        if question.asked:
            terminal.wait_for(question.help[: COLUMNS // 2])
            typed = TYPED.get(question.name)
            terminal.type(f"{CLEAR_LINE}{typed}\r" if typed else "\r")
    terminal.wait_for_prompt()
    terminal.start("ls -AF my-service my-service/app")
    terminal.wait_for_prompt()
    return terminal.lines()


def shortened(lines: list[Text]) -> Iterator[Text]:
    """Leave out most of the names of files, and say how many."""
    made = [line for line in lines if line.plain.startswith("    create  ")]
    for line in lines:
        if line not in made[FILES:]:
            yield line
        elif line is made[FILES]:
            yield Text(f"    …       {len(made) - FILES} more", "bright_black")


def draw(lines: list[Text]) -> str:
    """Draw the lines as one SVG that needs nothing from elsewhere."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO())
    # The frame cuts into the last line, so that one is empty.
    for line in [*lines, Text()]:
        console.print(line)
    return exported(console, "session")


def exported(console: Console, name: str) -> str:
    """Return what a console recorded as an SVG, its fonts left to the reader."""
    picture = console.export_svg(title="plumbline", unique_id=name)
    picture = re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", picture, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", picture)


def main() -> None:
    """Write the picture."""
    with TemporaryDirectory() as folder:
        lines = [*shortened(hold_session(Path(folder)))]
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(draw(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
