"""Runs a project's gates, and reads which rules of its standard are broken."""

import json
from pathlib import Path

import yaml

from extensions.commands import Commands, surroundings
from extensions.fleet.plan import AFTER_UPDATE, AS_IT_IS, Plan
from extensions.fleet.result import Result
from extensions.refusals import RefusalError
from extensions.rendering import answers_of
from extensions.service import interpreter, tools

BROKEN = ("broken", "expired")


def run(
    project: Path, updated: bool, plan: Plan, result: Result, commands: Commands
) -> bool:
    """Run the gates; where they fail, name the rules. Say whether they pass."""
    result.waived = waived(project)
    default = AFTER_UPDATE if updated else AS_IT_IS
    command = default if plan.gates is None else plan.gates
    if not command:
        return True
    environment = surroundings() | tools() | python(project)
    done = commands.run(["bash", "-c", command], project, environment)
    result.gates = "fail" if done.code else "pass"
    if done.code:
        result.note = f"{command}: exit code {done.code}: {done.last}"
        if (project / "standards" / "report.py").is_file():
            asked = commands.run(["bash", "-c", plan.rules], project, environment)
            result.rules = broken(asked.output)
    return not done.code


def python(project: Path) -> dict[str, str]:
    """Say which Python it runs with; the first releases asked for no manager."""
    answers = answers_of(project)
    manager = answers.get("package_manager", "uv")
    return interpreter(str(answers["python_version"]), manager)


def broken(report: str) -> list[str]:
    """Name the rules that do not hold, from what `make standards` printed."""
    try:
        rules = json.loads(report)["rules"]
    except (ValueError, KeyError, TypeError):
        # It did not come so far: the gates have failed anyway, and the note says how.
        return []
    return [one["rule"] for one in rules if one["state"] in BROKEN]


def waived(project: Path) -> list[str]:
    """Name the rules that the team has put off, with their last days."""
    file = project / "standards" / "waivers.yml"
    if not file.is_file():
        return []
    try:
        listed = yaml.safe_load(file.read_text(encoding="utf-8")) or []
        return [f"{one['rule']} until {one['until']}" for one in listed]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise RefusalError("standards/waivers.yml can not be read") from error
