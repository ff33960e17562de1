"""The guides for maintainers name lists, options and states that exist."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.adopt import options as adopt
from extensions.adopt.addition import ADDED
from extensions.adopt.graft import ADOPTED, PURE
from extensions.fleet import listing, plan
from extensions.fleet.result import STATES
from extensions.questions import ROOT
from tests.support.commands import succeed

WORKFLOW = ROOT / ".github" / "workflows" / "fleet.yaml"
MAKE = re.compile(r"^make (adopt|fleet) (?:REPO|LIST)=(\S+)(?: ARGS=(.*))?$", re.M)


def guide(name: str) -> str:
    """Read a guide."""
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def blocks(name: str, language: str = "") -> list[str]:
    """Return the code blocks of a guide in one language."""
    found = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", guide(name))
    return [text for written_in, text in found if written_in == language]


@pytest.mark.parametrize(
    ("name", "parse"), [("adopt", adopt.parse), ("fleet", plan.parse)]
)
def test_options_in_commands_of_guides_are_valid(
    name: str, parse: Callable[[list[str]], Any]
) -> None:
    commands = [it for block in blocks(name) for it in MAKE.findall(block)]

    assert {command for command, _, _ in commands} == {name}
    for _, place, written in commands:
        [arguments] = shlex.split(written) or [""]
        parse([place, *shlex.split(arguments)])


def test_lists_in_the_guide_name_the_same_repositories(tmp_path: Path) -> None:
    lines, text = blocks("fleet")[0], blocks("fleet", "yaml")[0]
    (tmp_path / "list.txt").write_text(lines, encoding="utf-8")
    (tmp_path / "list.yaml").write_text(text, encoding="utf-8")
    found = listing.read(tmp_path / "list.txt")

    assert len(found) == 3
    assert listing.read(tmp_path / "list.yaml") == found


def test_guide_explains_every_state() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", guide("fleet"), re.M)

    assert {*rows} == {*STATES}


def test_guide_explains_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        plan.parse(["--help"])
    known = {*re.findall(r"(--[a-z-]+)", capsys.readouterr().out)} - {"--help"}

    assert known <= {*re.findall(r"(--[a-z-]+)", guide("fleet"))}


def test_guide_names_the_branches_of_an_adoption() -> None:
    assert f"git branch -D {ADOPTED} {PURE}" in guide("adopt")
    assert f"git branch -D {ADDED}" in guide("adopt")


def test_workflow_of_the_fleet_is_valid() -> None:
    schema = "--builtin-schema=vendor.github-workflows"
    succeed([ROOT / ".venv/bin/check-jsonschema", schema, WORKFLOW], ROOT)
    steps = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["visit"]["steps"]
    [script] = [
        step["run"] for step in steps if "extensions.fleet" in step.get("run", "")
    ]
    [command] = re.findall(r"extensions\.fleet (.*?)\n\s*\|", script, re.S)
    command = command.replace("$PUSH $ARGUMENTS", "--push").replace("\\\n", "")
    words = shlex.split(command.rstrip("\\"))

    assert plan.parse(words).push
