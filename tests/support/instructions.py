"""What documents tell people to type, and what shows that it works."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

PROGRAMS = """
    alembic copier curl docker git kubectl make pip poetry pre-commit python sqlite3 uv
    uvicorn uvx
""".split()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(rf"`((?:{'|'.join(PROGRAMS)})\s[^`]+)`")
OPTION = re.compile(r"(?<=\s)--[a-z][a-z-]*")
# A variable that is given to make, whatever its value; or a target.
WORD = re.compile(r"""(\w+)=(?:"[^"]*"|'[^']*'|<[^>]*>|\S*)|(\S+)""")


@dataclass(frozen=True)
class Known:
    """Commands of one kind: how they look, who runs them, who knows their options."""

    command: str
    by: str = ""
    help: list[str] = field(default_factory=list)

    def asks(self, said: str) -> list[str]:
        """Give the command that prints the options."""
        match = re.fullmatch(self.command, said)
        first = match[1].split()[0] if match and match.lastindex else ""
        return [word.replace("{1}", first) for word in self.help]


def known() -> list[Known]:
    """Read the list."""
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    return [Known(**entry) for entry in yaml.safe_load(text)]


def documents(root: Path) -> dict[str, str]:
    """Read the documents of one of the two houses; what was released stays said."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in [*root.glob("*.md"), *root.glob("docs/**/*.md")]
        if path.name != "CHANGELOG.md"
    }


def fences(text: str) -> list[str]:
    """Give what stands in a document to be typed, block by block."""
    return [block for kind, block in FENCE.findall(text) if kind == "sh"]


def instructions(text: str) -> Iterator[str]:
    """Give each command of a document, on one line, without what explains it."""
    for block in fences(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield from parts(re.sub(r"(^|\s+)# .*", "", line))
    for span in SPAN.findall(FENCE.sub("", text)):
        yield from parts(span)


def parts(line: str) -> list[str]:
    """Take a line apart where one command follows another."""
    return [" ".join(part.split()) for part in line.split("&&") if part.strip()]


def unmade(said: str, *makefiles: Path) -> list[str]:
    """Name the targets and variables that none of the Makefiles knows."""
    text = "".join(file.read_text(encoding="utf-8") for file in makefiles)
    targets = {*re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE)}
    variables = {*re.findall(r"\$\$?[({]?(\w+)|^(\w+) \?=", text, re.MULTILINE)}
    named = {name for pair in variables for name in pair}
    return [
        variable or target
        for variable, target in WORD.findall(said.removeprefix("make "))
        if (variable not in named if variable else target not in targets)
    ]


def matching(said: str, entries: list[Known]) -> list[Known]:
    """Find the entries that a command falls under."""
    return [entry for entry in entries if re.fullmatch(entry.command, said)]
