"""Documents name existing tests and make commands; examples use `sa` as models do."""

import ast
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

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
VARIABLES = {*re.findall(r"(?:\$\$?[({]|: export )(\w+)", MAKEFILE)}
MAKE = re.compile(r"(?:`|^)make\s+([^`\n#&|]+(?:\n[^`\n#&|]+`)?)", re.MULTILINE)
MADE = sorted(
    {(name, it) for name, text in DOCUMENTS.items() for it in MAKE.findall(text)}
)

EXAMPLES = [
    code
    for text in DOCUMENTS.values()
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
]


def example_problems(code: str) -> list[str]:
    """Return calls of SQLAlchemy without `sa.`, and names that it does not have."""
    nodes = [*ast.walk(ast.parse(code))]
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    bare = {call.id for call in calls if isinstance(call, ast.Name)}
    used = [
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "sa"
    ]
    missing = [name for name in used if not hasattr(sa, name)]
    return sorted(name for name in bare if hasattr(sa, name)) + missing


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


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code[:40])
def test_examples_use_sqlalchemy_as_the_models_do(code: str) -> None:
    assert example_problems(code) == []


@pytest.mark.parametrize(
    ("code", "found"), [("select(thing)", "select"), ("sa.selekt(thing)", "selekt")]
)
def test_wrong_name_in_an_example_is_found(code: str, found: str) -> None:
    assert example_problems(code) == [found]
