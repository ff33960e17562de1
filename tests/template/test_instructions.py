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
# The targets of a repository that adopted the standard only.
TASKS = ROOT / "adopted/standards/tasks.mk.jinja"
# The documents with requests to type.
PAGES = ("README.md", "docs/users.md")
# These projects together contain every document and command.
ANSWERS: list[Answers] = [
    {"kubernetes": True, "devcontainer": True, "roles": True, "api_keys": True},
    {"kubernetes": True, "database": "sqlite", "package_manager": "pip"}
    | {"docker": False},
    {"package_manager": "poetry", "orm": "sqlmodel", "ci": "gitlab"},
]


@pytest.fixture(scope="module")
def repositories(render: Project) -> list[Path]:
    """Return the template, and projects."""
    return [ROOT, *[render(answers) for answers in ANSWERS]]


@pytest.fixture(scope="module")
def commands(repositories: list[Path]) -> dict[str, str]:
    """Map every command in the documents to its document."""
    return {
        command: f"{repository.name}: {name}"
        for repository in repositories
        for name, text in documents(repository).items()
        for command in instructions(text)
    }


def test_makefile_has_every_documented_target_and_variable(
    repositories: list[Path], render: Project
) -> None:
    wrong = [
        (name, command)
        for repository in repositories
        for name, text in documents(repository).items()
        for command in instructions(text)
        if command.startswith("make ")
        and unmade(command, repository / "Makefile", render() / "Makefile", TASKS)
    ]

    assert wrong == []


def test_other_commands_match_the_list_of_instructions(
    commands: dict[str, str],
) -> None:
    others = {
        one: place for one, place in commands.items() if not one.startswith("make ")
    }
    unknown = {one: where for one, where in others.items() if not matching(one, KNOWN)}
    used = {entry.command for one in others for entry in matching(one, KNOWN)}

    assert unknown == {}
    assert used == {entry.command for entry in KNOWN}


@pytest.mark.parametrize("entry", KNOWN, ids=[entry.command for entry in KNOWN])
def test_listed_command_names_an_existing_test_or_a_help_command(
    entry: Known,
) -> None:
    file, _, name = entry.by.partition("::")

    assert entry.by or entry.help
    assert not entry.by or f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_program_has_every_documented_option(
    commands: dict[str, str], project: Project
) -> None:
    places = [str(place / ".venv" / "bin") for place in (project(), ROOT)]
    path = {"PATH": os.pathsep.join([*places, os.environ["PATH"]])}
    missing = []
    for command in commands:
        for entry in matching(command, KNOWN):
            if entry.help:
                completed = run(["env", *entry.asks(command)], ROOT, path)
                text = (completed.stdout + completed.stderr).replace("[no-]", "")
                missing += [one for one in OPTION.findall(command) if one not in text]
                assert completed.returncode in (0, 129), command

    assert missing == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```sh\nmake chek && make test  # all\n```\n", ["make chek", "make test"]),
        ("Type `git\ninit`, not `gitk`.", ["git init"]),
        ("```sh\ncurl a \\\n  b\n```\n```py\ngit x\n```\n", ["curl a b"]),
    ],
)
def test_command_is_found_in_its_document(text: str, found: list[str]) -> None:
    assert [*instructions(text)] == found


@pytest.mark.parametrize(
    ("command", "found"),
    [("make chek", ["chek"]), ("make diff FORM=<a b>", ["FORM"]), ("make test", [])],
)
def test_unknown_target_or_variable_is_found(command: str, found: list[str]) -> None:
    assert unmade(command, ROOT / "Makefile") == found
    assert matching("git psuh", KNOWN) == []


def test_documented_requests_succeed(
    busy_node: tuple[Node, Service], render: Project
) -> None:
    _, service = busy_node
    project = render({"database": "sqlite"})
    pages = [(project / name).read_text("utf-8") for name in PAGES]
    typed = [block for page in pages for block in fences(page) if "curl" in block]
    script = "\n".join(typed).replace("http://127.0.0.1:8000", service.url)
    completed = run(["bash", "-euo", "pipefail", "-c", script], ROOT)

    assert len(typed) == 2
    assert completed.returncode == 0
    assert completed.stdout.startswith('{"items":[],')
    assert completed.stdout.count('"email":"me@example.com"') == 2


@pytest.mark.nightly
def test_kubectl_has_every_documented_option(
    commands: dict[str, str], kubectl: Path
) -> None:
    kubectl_commands = [
        command for command in commands if command.startswith("kubectl ")
    ]
    everywhere = succeed([kubectl, "options"], ROOT)
    missing = []
    for command in kubectl_commands:
        # Arguments after `--` are for a program in the pod.
        own = command.partition(" -- ")[0]
        words = own.partition(" --")[0].split()[1:]
        text = everywhere + succeed([kubectl, *words, "--help"], ROOT)
        missing += [one for one in OPTION.findall(own) if f"{one}=" not in text]

    assert len(kubectl_commands) > 5
    assert missing == []
