"""Generated resources pass the gates and tests of their project at once."""

from pathlib import Path

import pytest

from extensions.postgresql import Server
from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support.commands import run, succeed
from tests.support.fixture_types import Project

EVERY_TYPE = (
    "title:str:120! body:text? pages:int weight:float price:decimal(10,2)"
    " rate:decimal(4,4)? pinned:bool date:date starts:datetime code:uuid meta:json"
    " kind:enum(draft,live) tags:names labels:names:1"
)
# References: to another resource, to two of them, to itself, unique ones, and none.
COMMON = {
    "price_list": EVERY_TYPE,
    "book": "isbn:str:3! number:int! price_list:price_list home:price_list?",
    "flag": "pinned:bool",
    "draft": "title:str? pages:int? due:date? kind:enum(a,b)? book:book? meta:json?"
    " area:decimal(38,10)? parent:draft?",
    "seat": "flag:flag! row:str! place:int?! book:book?! twin:seat?!",
}
OWNED = {
    "task": "owner:user title:str! tags:names parent:task?",
    "memo": "owner:user task:task cover:task? text:str!",
    "comment": "author:user task:task body:text",
}
# One of each kind. The nightly run has all of them, in both ORMs.
SOME = {
    "price_list": EVERY_TYPE,
    "flag": "pinned:bool",
    "task": OWNED["task"],
    "note": "item:item text:str",
}
CELLS: dict[str, tuple[Answers, dict[str, str]]] = {
    "standard": ({}, {**COMMON, **OWNED, "note": SOME["note"]}),
    "SQLModel": (
        {"orm": "sqlmodel", "auth": False, "example": False, "logging": "stdlib"},
        COMMON,
    ),
}


def test_some_generated_resources_pass_every_gate(
    checkout: Project, postgresql: Server
) -> None:
    check_resources(checkout({}), SOME, postgresql)


@pytest.mark.nightly
@pytest.mark.parametrize("cell", CELLS)
def test_generated_resources_pass_every_gate(
    cell: str, checkout: Project, postgresql: Server
) -> None:
    answers, resources = CELLS[cell]
    check_resources(checkout(answers), resources, postgresql)


def check_resources(
    project: Path, resources: dict[str, str], postgresql: Server
) -> None:
    """Write resources, and run the tests on both databases and the static gates."""
    for name, fields in resources.items():
        write(project, name, fields)
        if name == "flag":
            rename_factory(project)

    python = project / ".venv/bin/python"
    pytest_command: list[str | Path] = [python, "-m", "pytest", "-q"]
    succeed([*pytest_command, "-k", " or ".join(resources)], project)
    on_postgresql = {"TEST_DATABASE_URL": postgresql.database()}
    assert run([*pytest_command, "--cov=app"], project, on_postgresql).returncode == 0
    services = ["--include=app/services/*", "--fail-under=95"]
    succeed([python, "-m", "coverage", "report", *services], project)
    succeed([python, "-m", "standards.report", "--lint"], project)
    succeed([python, "-m", "mypy", "."], project)


def write(project: Path, name: str, fields: str) -> None:
    """Write a resource, as `make resource` does."""
    python = project / ".venv/bin/python"
    options = [f"--name={name}", f"--fields={fields}"]
    succeed([python, ROOT / "upkeep", "resource", *options], project)


def rename_factory(project: Path) -> None:
    """Leave `make_flag` alone, as a resource of the team may have it."""
    for file in project.glob("tests/**/*flag*.py"):
        text = file.read_text(encoding="utf-8").replace("store_flag", "insert_flag")
        file.write_text(text, encoding="utf-8")
