"""What the documents say is true."""

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
SAID = re.compile(r"(?:`|^)make\s+([^`\n#&|]+(?:\n[^`\n#&|]+`)?)", re.MULTILINE)
MADE = sorted(
    {(name, said) for name, text in DOCUMENTS.items() for said in SAID.findall(text)}
)


def unknown(said: str) -> list[str]:
    """Name what a command wants of make that the Makefile does not know."""
    words = re.findall(r"""(\w+)=(?:"[^"]*"|'[^']*'|\S*)|([^\s`]+)""", said)
    return [
        variable or target
        for variable, target in words
        if (variable not in VARIABLES if variable else target not in TARGETS)
    ]


@pytest.mark.parametrize(("file", "name"), sorted(NAMED))
def test_tests_named_in_documents_exist(file: str, name: str) -> None:
    code = (ROOT / file).read_text(encoding="utf-8")

    assert re.search(rf"^(async )?def {name}\(", code, re.MULTILINE)


@pytest.mark.parametrize(("document", "said"), MADE)
def test_make_commands_in_documents_exist(document: str, said: str) -> None:
    assert unknown(said) == [], f"{document}: make {said}"


@pytest.mark.parametrize(
    ("said", "found"),
    [("chek", "chek"), ("run PROT=1", "PROT"), ('migration n="add x"', "n")],
)
def test_unknown_make_command_is_found(said: str, found: str) -> None:
    assert unknown(said) == [found]
