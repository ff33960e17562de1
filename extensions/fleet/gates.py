"""Runs the gates of a project, and reads which rules of its standard are broken."""

import json
import os
import shlex
import tempfile
from functools import partial
from pathlib import Path
from uuid import uuid4

import yaml

from extensions.commands import Commands, surroundings
from extensions.fleet import guard, reason
from extensions.fleet.plan import CHECK, PREPARE, Plan
from extensions.fleet.result import Result
from extensions.fleet.session import masked
from extensions.refusals import RefusalError
from extensions.rendering import answers_of
from extensions.service import interpreter, tools

BROKEN = ("broken", "expired")
INSTALL = "make install"
# Marks the processes of one command.
VARIABLE = "FLEET_COMMAND"


def prepare(
    project: Path, updated: bool, plan: Plan, result: Result, commands: Commands
) -> bool:
    """Lock and install, unless the gates are a command of the caller's."""
    if plan.gates is not None:
        return True
    command = PREPARE if updated else INSTALL
    passed = _passes(command, project, plan, result, commands)
    result.gates = "not run" if passed else "fail"
    return passed


def run(project: Path, plan: Plan, result: Result, commands: Commands) -> bool:
    """Run the gates. Returns whether they pass; if not, the result has the reason."""
    command = CHECK if plan.gates is None else plan.gates
    passed = _passes(command, project, plan, result, commands)
    result.gates = "pass" if passed else "fail"
    return passed


def _passes(
    command: str, project: Path, plan: Plan, result: Result, commands: Commands
) -> bool:
    """Run one command; if it fails, write its reason and the broken rules."""
    environment = surroundings() | tools() | python(project)
    environment |= {name: os.environ[name] for name in plan.env}
    result.command = command
    code, output = _run(command, project, environment, commands)
    if code:
        words = masked(reason.of_gates(output), plan.hidden)
        result.note = f"{command}: exit code {code}: {words}"
        if (project / "standards" / "report.py").is_file():
            rules = f"exec 2> {os.devnull}\n{plan.rules}"
            result.rules = broken(_run(rules, project, environment, commands)[1])
    return not code


def _run(
    command: str, project: Path, environment: dict[str, str], commands: Commands
) -> tuple[int, str]:
    """Run a command. A server that it leaves behind ends with it, and is not awaited.

    Returns:
        The exit code and the output, errors included.
    """
    mark = uuid4().hex
    search = partial(guard.processes, f"{VARIABLE}={mark}")
    with tempfile.TemporaryDirectory(prefix="gates-") as folder:
        file = Path(folder, "output")
        script = f"exec > {shlex.quote(str(file))} 2>&1\n{command}"
        try:
            marked = environment | {VARIABLE: mark}
            done = commands.run(["bash", "-c", script], project, marked)
        finally:
            guard.end(search)
        output = file.read_text(encoding="utf-8", errors="replace")
    commands.note(output)
    return done.code, output


def python(project: Path) -> dict[str, str]:
    """Return the Python of a project; the first releases asked for no manager."""
    answers = answers_of(project)
    manager = answers.get("package_manager", "uv")
    return interpreter(str(answers["python_version"]), manager)


def broken(report: str) -> list[str]:
    """Return the broken rules from the output of `make standards`."""
    try:
        rules = json.loads(report)["rules"]
    except (ValueError, KeyError, TypeError):
        # The report failed as well; the note has the reason of the failed gates.
        return []
    return [one["rule"] for one in rules if one["state"] in BROKEN]


def waived(project: Path) -> list[str]:
    """Return the rules with a waiver, and the last day of each."""
    file = project / "standards" / "waivers.yml"
    if not file.is_file():
        return []
    try:
        listed = yaml.safe_load(file.read_text(encoding="utf-8")) or []
        return [f"{one['rule']} until {one['until']}" for one in listed]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise RefusalError("standards/waivers.yml can not be read") from error
