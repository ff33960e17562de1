"""Documents name tests and make commands that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    if path.name != "CHANGELOG.md"
}
NAMED = {
    pair for text in DOCUMENTS.values() for pair in re.findall(r"`(\S+)::(\w+)`", text)
}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = {*re.findall(r"^([a-z][a-z-]*):(?!=)", MAKEFILE, re.MULTILINE)}
VARIABLES = {*re.findall(r"\$\$?[({](\w+)", MAKEFILE)}
MAKE = re.compile(r"(?:`|^)make\s+([^`\n#&|]+(?:\n[^`\n#&|]+`)?)", re.MULTILINE)
MADE = sorted(
    {(name, it) for name, text in DOCUMENTS.items() for it in MAKE.findall(text)}
)


def unknown(command: str) -> list[str]:
    """Return the targets and variables of a command that the Makefile lacks."""
    words = re.findall(r"""(\w+)=(?:"[^"]*"|'[^']*'|\S*)|([^\s`]+)""", command)
    return [
        variable or target
        for variable, target in words
        if (variable not in VARIABLES if variable else target not in TARGETS)
    ]


@pytest.mark.parametrize(("file", "name"), sorted(NAMED))
def test_tests_named_in_documents_exist(file: str, name: str) -> None:
    code = (ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"^(async )?def {name}\(", code, re.MULTILINE)


@pytest.mark.parametrize(("document", "command"), MADE)
def test_make_commands_in_documents_exist(document: str, command: str) -> None:
    assert unknown(command) == [], f"{document}: make {command}"


@pytest.mark.parametrize(
    ("command", "found"),
    [("chek", "chek"), ("run PROT=1", "PROT"), ('migration n="add x"', "n")],
)
def test_unknown_make_command_is_found(command: str, found: str) -> None:
    assert unknown(command) == [found]
