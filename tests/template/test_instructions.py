"""Every command in a document is run by a test, or has its options checked."""

import os
from pathlib import Path

import pytest

from extensions.questions import ROOT
from extensions.rendering import Answers
from tests.support.commands import run, succeed
from tests.support.fixture_types import Project
from tests.support.instructions import (
    OPTION,
    Known,
    documents,
    fences,
    instructions,
    known,
    matching,
    unmade,
)
from tests.support.service import Service
from tests.support.single_node import Node

KNOWN = known()
# The documents with requests to type.
PAGES = ("README.md", "docs/users.md")
# Together they have every document, and every command in them.
ANSWERS: list[Answers] = [
    {"kubernetes": True, "devcontainer": True},
    {"kubernetes": True, "database": "sqlite", "package_manager": "pip"}
    | {"docker": False},
    {"package_manager": "poetry", "orm": "sqlmodel", "ci": "gitlab"},
]


@pytest.fixture(scope="module")
def repositories(render: Project) -> list[Path]:
    """Return the template, and projects."""
    return [ROOT, *[render(answers) for answers in ANSWERS]]


@pytest.fixture(scope="module")
def said(repositories: list[Path]) -> dict[str, str]:
    """Map every command in the documents to its document."""
    return {
        command: f"{repository.name}: {name}"
        for repository in repositories
        for name, text in documents(repository).items()
        for command in instructions(text)
    }


def test_make_knows_every_target_and_variable(
    repositories: list[Path], render: Project
) -> None:
    wrong = [
        (name, command)
        for repository in repositories
        for name, text in documents(repository).items()
        for command in instructions(text)
        if command.startswith("make ")
        and unmade(command, repository / "Makefile", render() / "Makefile")
    ]

    assert wrong == []


def test_every_other_command_is_known_and_nothing_else_is(said: dict[str, str]) -> None:
    others = {one: place for one, place in said.items() if not one.startswith("make ")}
    unknown = {one: where for one, where in others.items() if not matching(one, KNOWN)}
    used = {entry.command for one in others for entry in matching(one, KNOWN)}

    assert unknown == {}
    assert used == {entry.command for entry in KNOWN}


@pytest.mark.parametrize("entry", KNOWN, ids=[entry.command for entry in KNOWN])
def test_a_command_is_run_by_a_test_that_exists_or_its_options_are_asked(
    entry: Known,
) -> None:
    file, _, name = entry.by.partition("::")

    assert entry.by or entry.help
    assert not entry.by or f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_option_is_one_that_the_program_has(
    said: dict[str, str], project: Project
) -> None:
    places = [str(place / ".venv" / "bin") for place in (project(), ROOT)]
    path = {"PATH": os.pathsep.join([*places, os.environ["PATH"]])}
    missing = []
    for command in said:
        for entry in matching(command, KNOWN):
            if entry.help:
                told = run(["env", *entry.asks(command)], ROOT, path)
                text = (told.stdout + told.stderr).replace("[no-]", "")
                missing += [one for one in OPTION.findall(command) if one not in text]
                assert told.returncode in (0, 129), command

    assert missing == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```sh\nmake chek && make test  # all\n```\n", ["make chek", "make test"]),
        ("Type `git\ninit`, not `gitk`.", ["git init"]),
        ("```sh\ncurl a \\\n  b\n```\n```py\ngit x\n```\n", ["curl a b"]),
    ],
)
def test_a_command_is_found_where_it_stands(text: str, found: list[str]) -> None:
    assert [*instructions(text)] == found


@pytest.mark.parametrize(
    ("command", "found"),
    [("make chek", ["chek"]), ("make diff FORM=<a b>", ["FORM"]), ("make test", [])],
)
def test_what_make_does_not_know_is_found(command: str, found: list[str]) -> None:
    assert unmade(command, ROOT / "Makefile") == found
    assert matching("git psuh", KNOWN) == []


def test_requests_of_the_documents_can_be_typed(
    busy_node: tuple[Node, Service], render: Project
) -> None:
    _, service = busy_node
    project = render({"database": "sqlite"})
    pages = [(project / name).read_text("utf-8") for name in PAGES]
    typed = [block for page in pages for block in fences(page) if "curl" in block]
    script = "\n".join(typed).replace("http://127.0.0.1:8000", service.url)
    told = run(["bash", "-euo", "pipefail", "-c", script], ROOT)

    assert len(typed) == 2
    assert told.returncode == 0
    assert told.stdout.startswith('{"items":[],')
    assert told.stdout.count('"email":"me@example.com"') == 2


@pytest.mark.nightly
def test_kubectl_knows_every_option(said: dict[str, str], kubectl: Path) -> None:
    told = [command for command in said if command.startswith("kubectl ")]
    everywhere = succeed([kubectl, "options"], ROOT)
    missing = []
    for command in told:
        # What stands behind two dashes alone is for a program in the pod.
        own = command.partition(" -- ")[0]
        words = own.partition(" --")[0].split()[1:]
        text = everywhere + succeed([kubectl, *words, "--help"], ROOT)
        missing += [one for one in OPTION.findall(own) if f"{one}=" not in text]

    assert len(told) > 5
    assert missing == []
