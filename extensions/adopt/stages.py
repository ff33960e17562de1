"""Lists the broken rules of an adopted repository, and puts them off until a day."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from extensions.commands import Commands, surroundings
from extensions.refusals import RefusalError

COMMAND = ["make", "--silent", "standards", "ARGS=--json"]
STANDARD = ["standards/.venv/bin/python", "-m", "standards.baseline", "--json"]
# The environments of the gates, which a copy shares.
SHARED = (".venv", "standards/.venv")
# A report writes into no environment, either.
QUIET = {"PYTHONDONTWRITEBYTECODE": "1", "UV_NO_SYNC": "1"}
# The order of corrections: static gates, then types, then tests.
STAGES = ("static", "types", "run")
BASELINE = "standards/baseline.yml"
HEADING = """\
# Findings from before the adoption, without line numbers, and the last day on which
# they pass. `make baseline` removes what is corrected; nothing adds findings.
"""
SHOWN = 20


@dataclass(frozen=True)
class Gap:
    """A broken rule, the gate that found it, and the place."""

    rule: str
    gate: str
    where: str
    stage: int


def report(place: Path, until: date | None, commands: Commands) -> None:
    """Print the broken rules, and put them off if asked to."""
    days = last_days(datetime.now(UTC).date(), until) if until else []
    result = run(place, commands)
    found = gaps(place, result)
    for gap in found:
        print(f"{gap.stage + 1}  {gap.rule:10} {gap.gate:24} {gap.where[:80]}".rstrip())
    for gate in result["gates"]:
        loose = [*gate.get("without_rule", {})]
        more = [f"and {len(loose) - SHOWN} more"] if len(loose) > SHOWN else []
        for line in [*loose[:SHOWN], *more]:
            print(f"   {'no rule':10} {gate['gate']:24} {line[:80]}".rstrip())
    print(
        f"{len(found)} rules do not hold; the number is the stage in which to mend it"
    )
    if until and (place / "standards" / "baseline.py").exists():
        number = put_off(place, result["gates"], until)
        print(f"{number} findings are put off in {BASELINE} until {until}")
    elif until:
        number, last = waive(place, found, days), ", ".join(map(str, days))
        print(f"{number} are put off in standards/waivers.yml, in stages: {last}")


def run(project: Path, commands: Commands) -> dict[str, Any]:
    """Run the gates in a copy. Returns their findings and the states of the rules."""
    # It imports Copier, which takes a second that a dry run does not need.
    from extensions.service import tools

    with TemporaryDirectory() as folder:
        place = copy(project, Path(folder).resolve() / "copy", commands)
        command = STANDARD if (place / "standards/baseline.py").exists() else COMMAND
        if command == STANDARD and not (place / STANDARD[0]).exists():
            raise RefusalError("`make tools` first: standards/.venv is missing")
        done = commands.run(command, place, surroundings() | tools() | QUIET)
    try:
        result = json.loads(done.output.replace(str(place), str(project)))
        return {"gates": result.get("gates", []), "rules": result["rules"]}
    except (ValueError, KeyError, TypeError) as error:
        raise RefusalError(
            f"`make install` first; the last line was: {done.last}"
        ) from error


def copy(project: Path, place: Path, commands: Commands) -> Path:
    """Copy what git knows of a project, so that gates write nothing into it."""
    git = ["git", "--no-optional-locks"]
    top = commands.run([*git, "rev-parse", "--show-toplevel"], project)
    if top.code:
        raise RefusalError(f"{project} is in no git repository")
    root = Path(top.output.strip())
    clone = [
        *git,
        "clone",
        "--quiet",
        "--shared",
        "--no-checkout",
        str(root),
        str(place),
    ]
    commands.need(clone, root)
    listed = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in commands.need(listed, root).split("\0"):
        if (root / name).is_symlink() or (root / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, place / name, follow_symlinks=False)
    commands.need([*git, "reset", "--quiet"], place)
    inside = place / project.relative_to(root)
    for name in SHARED:
        if (project / name).exists() and not (inside / name).exists():
            (inside / name).symlink_to((project / name).absolute())
    return inside


def gaps(project: Path, result: dict[str, Any]) -> list[Gap]:
    """Return the broken rules, in the order of corrections."""
    text = (project / "standards" / "gates.yml").read_text(encoding="utf-8")
    kinds = {
        name: gate.get("kind", "static") for name, gate in yaml.safe_load(text).items()
    }
    found = [
        Gap(
            one["rule"], one["gate"], one["where"], stage(kinds.get(one["gate"], "run"))
        )
        for one in result["rules"]
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


def put_off(project: Path, gates: Iterable[dict[str, Any]], until: date) -> int:
    """Write the findings of every gate that has none in the baseline yet."""
    file = project / BASELINE
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    entries: dict[str, Any] = yaml.load(text, yaml.CSafeLoader) or {}
    counts: dict[str, dict[str, int]] = {
        gate["gate"]: dict(sorted(gate["findings"].items()))
        for gate in gates
        if gate["findings"] and is_open(entries.get(gate["gate"], {}))
    }
    new = {
        name: {"until": str(until), "findings": found} for name, found in counts.items()
    }
    body = yaml.safe_dump(entries | new, sort_keys=False, allow_unicode=True, width=120)
    file.write_text(HEADING + body, encoding="utf-8")
    return sum(sum(entry.values()) for entry in counts.values())


def is_open(entry: dict[str, Any]) -> bool:
    """Return whether a gate has not been judged before: its baseline only shrinks."""
    return all(line.startswith("not judged") for line in entry.get("findings", {}))


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
            # A date of its own: PyYAML writes an anchor for an object that it repeats.
            "until": days[gap.stage].replace(),
        }
        for gap in found
        if gap.rule not in known
    ]
    heading = [line for line in text.splitlines() if line.startswith("#")]
    body = yaml.safe_dump(listed + new, sort_keys=False, allow_unicode=True)
    file.write_text("\n".join([*heading, body]), encoding="utf-8")
    return len(new)
