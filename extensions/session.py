"""`make session`: draws the session of the README from a real one."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from extensions.commands import OURS
from extensions.questions import ROOT

PICTURE = ROOT / "docs/pictures/session.svg"
ADDRESS = "https://github.com/example/plumbline"
PROJECT = "my-service"
# Commands, and how the lines of their output begin that are shown.
STEPS = {
    f"copier copy --defaults --vcs-ref HEAD {ADDRESS} {PROJECT}": "Copying",
    f"cd {PROJECT} && git init --quiet && make install": "pre-commit installed",
    "make resource NAME=note FIELDS='title:str! due:date?'": "new|changed",
    "make check": r"\d+ (rules:|passed)",
}
WIDTH, LINE, COLUMN = 88, 20, 8.4
COLORS = re.compile(r"\x1b\[[0-9;]*m")
STYLE = (
    "text{font:14px ui-monospace,monospace;fill:#d4d8de;white-space:pre}"
    ".command{fill:#7ee2a8}"
)


def main() -> None:
    """Run the session in a temporary folder, and write the picture."""
    with TemporaryDirectory() as folder:
        shown = play(Path(folder), STEPS)
    PICTURE.write_text(draw(shown), encoding="utf-8")


def play(folder: Path, steps: Mapping[str, str]) -> list[str]:
    """Run commands one after the other, and return what the terminal shows of them.

    A `cd` holds for the commands that follow. The address of the template leads to this
    clone. Raises CalledProcessError.
    """
    variables = {k: v for k, v in os.environ.items() if k not in OURS} | {
        "GIT_CONFIG_COUNT": "2",
        **{f"GIT_CONFIG_KEY_{number}": f"url.{ROOT}.insteadOf" for number in (0, 1)},
        "GIT_CONFIG_VALUE_0": ADDRESS,
        "GIT_CONFIG_VALUE_1": f"{ADDRESS}.git",
    }
    lines: list[str] = []
    for command, shown in steps.items():
        done = subprocess.run(  # nosec B602: the commands above
            command,
            shell=True,
            cwd=folder,
            env=variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        )
        output = COLORS.sub("", done.stdout).splitlines()
        lines += [f"$ {command}", *(it for it in output if re.match(shown, it)), ""]
        if moved := re.match(r"cd (\S+)", command):
            folder /= moved[1]
    return lines[:-1]


def draw(lines: Sequence[str]) -> str:
    """Return the lines of a terminal as an SVG. Commands begin with `$ `."""
    width, height = round(WIDTH * COLUMN) + 40, len(lines) * LINE + 40
    texts = []
    for number, line in enumerate(lines):
        kind = "command" if line.startswith("$ ") else "output"
        place = f'x="20" y="{20 + (number + 0.75) * LINE:g}"'
        texts.append(f'<text class="{kind}" {place}>{escape(line[:WIDTH])}</text>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'role="img" aria-label="A session in a terminal">',
            f"<style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" rx="8" fill="#1b1f24"/>',
            *texts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    main()
