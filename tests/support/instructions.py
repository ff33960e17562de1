"""Commands that documents tell people to type, and tests that run them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from extensions.questions import ROOT

PROGRAMS = """
    alembic copier curl docker git kubectl make pip poetry pre-commit python sqlite3 uv
    uvicorn uvx
""".split()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(rf"`((?:{'|'.join(PROGRAMS)})\s[^`]+)`")
OPTION = re.compile(r"(?<=\s)--[a-z][a-z-]*")
# A target of make, or of a repository that adopted the standard.
TARGET = r"^(?:\$\(call name,)?([a-z][a-z-]*)\)?:(?!=)"
# A make variable with any value, or a target.
WORD = re.compile(r"""(\w+)=(?:"[^"]*"|'[^']*'|<[^>]*>|\S*)|(\S+)""")


@dataclass(frozen=True)
class Known:
    """Commands of one kind: pattern, the test that runs them, or their help."""

    command: str
    by: str = ""
    help: list[str] = field(default_factory=list)

    def asks(self, command_line: str) -> list[str]:
        """Return the commands that print the supported options."""
        match = re.fullmatch(self.command, command_line)
        first = match[1].split()[0] if match and match.lastindex else ""
        return [word.replace("{1}", first) for word in self.help]


def known() -> list[Known]:
    """Read the list of known commands."""
    text = (ROOT / "tests/data/instructions.yml").read_text(encoding="utf-8")
    return [Known(**entry) for entry in yaml.safe_load(text)]


def documents(root: Path) -> dict[str, str]:
    """Read the documents below a folder, without released changelog entries."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in [*root.glob("*.md"), *root.glob("docs/**/*.md")]
        if path.name != "CHANGELOG.md"
    }


def fences(text: str) -> list[str]:
    """Return the code blocks of a document."""
    return [block for kind, block in FENCE.findall(text) if kind == "sh"]


def instructions(text: str) -> Iterator[str]:
    """Yield each command of a document on one line, without comments."""
    for block in fences(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield from parts(re.sub(r"(^|\s+)# .*", "", line))
    for span in SPAN.findall(FENCE.sub("", text)):
        yield from parts(span)


def parts(line: str) -> list[str]:
    """Split a line into its commands."""
    return [" ".join(part.split()) for part in line.split("&&") if part.strip()]


def unmade(command_line: str, *makefiles: Path) -> list[str]:
    """Return the targets and variables that none of the Makefiles defines."""
    text = "".join(file.read_text(encoding="utf-8") for file in makefiles)
    targets = {*re.findall(TARGET, text, re.MULTILINE)}
    variables = {
        *re.findall(
            r"\$\$?[({]?(\w+)|^(?:\w+: export )?(\w+) [:?]=", text, re.MULTILINE
        )
    }
    named = {name for pair in variables for name in pair}
    return [
        variable or target
        for variable, target in WORD.findall(command_line.removeprefix("make "))
        if (variable not in named if variable else target not in targets)
    ]


def matching(command_line: str, entries: list[Known]) -> list[Known]:
    """Return the entries that match a command."""
    return [entry for entry in entries if re.fullmatch(entry.command, command_line)]
