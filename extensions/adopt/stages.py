"""Lists the broken rules of a project, and writes waivers that end in stages."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from extensions.commands import Commands, surroundings
from extensions.refusals import RefusalError
from extensions.service import tools

COMMAND = ["make", "--silent", "standards", "ARGS=--json"]
# The order of corrections: static gates, then types, then tests.
STAGES = ("static", "types", "run")


@dataclass(frozen=True)
class Gap:
    """A broken rule, the gate that found it, and the place."""

    rule: str
    gate: str
    where: str
    stage: int


def gaps(project: Path, commands: Commands) -> list[Gap]:
    """Run the gates. Returns the broken rules, in the order of corrections."""
    done = commands.run(COMMAND, project, surroundings() | tools())
    try:
        rules = json.loads(done.output)["rules"]
    except (ValueError, KeyError, TypeError) as error:
        raise RefusalError(
            f"`make install` first; the last line was: {done.last}"
        ) from error
    text = (project / "standards" / "gates.yml").read_text(encoding="utf-8")
    kinds = {name: gate["kind"] for name, gate in yaml.safe_load(text).items()}
    found = [
        Gap(
            one["rule"], one["gate"], one["where"], stage(kinds.get(one["gate"], "run"))
        )
        for one in rules
        if one["state"] == "broken"
    ]
    return sorted(found, key=lambda gap: (gap.stage, gap.gate, gap.rule))


def stage(kind: str) -> int:
    """Return the number of a stage; unknown kinds come last."""
    return STAGES.index(kind) if kind in STAGES else len(STAGES) - 1


def last_days(today: date, until: date) -> list[date]:
    """Return the last day of every stage, in equal steps."""
    if until <= today:
        raise RefusalError(f"--waive-until={until}: name a day that is still to come")
    step = (until - today) / len(STAGES)
    return [today + step * number for number in range(1, len(STAGES))] + [until]


def waive(project: Path, found: Iterable[Gap], days: list[date]) -> int:
    """Write a waiver for every rule without one. Returns their number."""
    file = project / "standards" / "waivers.yml"
    text = file.read_text(encoding="utf-8")
    listed: list[dict[str, Any]] = yaml.safe_load(text) or []
    known = {one["rule"] for one in listed}
    new = [
        {
            "rule": gap.rule,
            "reason": f"broken when the template was adopted; {gap.gate} finds it",
            "until": days[gap.stage],
        }
        for gap in found
        if gap.rule not in known
    ]
    heading = [line for line in text.splitlines() if line.startswith("#")]
    body = yaml.safe_dump(listed + new, sort_keys=False, allow_unicode=True)
    file.write_text("\n".join([*heading, body]), encoding="utf-8")
    return len(new)
