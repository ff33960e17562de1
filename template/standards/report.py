"""Run the gates and print which rules hold: `python -m standards.report`.

The exit code is 0 if all rules hold or are waived, 1 if not, 2 if a file is malformed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from standards.catalogue import FOLDER, KINDS, MalformedError, Standard, read
from standards.gates import Outcome, Verdict, evaluate, only_waived, run, run_all


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Run the gates that the arguments choose."""
    options = parse(arguments)
    try:
        standard = read(folder)
    except MalformedError as error:
        print(error, file=sys.stderr)
        return 2
    if options.waived:
        return waived(standard, options.waived)
    kinds = KINDS[:1] if options.lint else KINDS[:2] if options.static else KINDS
    outcomes = run_all(standard.gates, kinds)
    verdicts = evaluate(standard, outcomes)
    failed = [one for one in outcomes if one.failed and not only_waived(standard, one)]
    if options.json:
        print(json.dumps(document(outcomes, verdicts), indent=2))
    else:
        print("\n".join(commands(outcomes) if options.lint else table(verdicts)))
        print("\n".join(failures(standard, failed, verdicts)))
    return int(bool(failed) or any(one.state == "expired" for one in verdicts))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="standards.report", description=__doc__)
    parser.add_argument("--static", action="store_true", help="without the tests")
    parser.add_argument("--lint", action="store_true", help="without tests and types")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--waived", metavar="GATE", help="after GATE failed: 0 if all of it is waived"
    )
    return parser.parse_args(arguments)


def waived(standard: Standard, name: str) -> int:
    """Run a failed gate again, if there are waivers, and forgive waived findings."""
    if name not in standard.gates:
        print(f"no gate is called {name}", file=sys.stderr)
        return 2
    if not standard.waivers:
        return 1
    outcome = replace(run(standard.gates[name].command), name=name)
    if outcome.failed and not only_waived(standard, outcome):
        return 1
    print(f"{name}: all findings are waived in standards/waivers.yml")
    return 0


def commands(outcomes: list[Outcome]) -> list[str]:
    """Return a line for each command that ran."""
    ran = {one.command: one for one in outcomes}.values()
    return [
        f"{'FAIL' if one.failed else 'ok':<4} {one.seconds:5.1f} s  {one.command}"
        for one in ran
    ]


def table(verdicts: list[Verdict]) -> list[str]:
    """Return a line for each rule: id, gate, state, and where it is broken."""
    return [
        f"{one.rule:<10} {one.gate:<24} {one.state:<9} {one.where[:90]}".rstrip()
        for one in verdicts
    ]


def failures(
    standard: Standard, failed: list[Outcome], verdicts: list[Verdict]
) -> list[str]:
    """Return the output of failed gates, the broken rules, and the number of rules."""
    lines: list[str] = []
    for one in {one.command: one for one in failed}.values():
        lines += ["", f"$ {one.command}", one.output.rstrip()]
        if fix := standard.gates[one.name].fix:
            lines.append(f"To fix it: {fix}")
    bad = [one for one in verdicts if one.state in ("broken", "expired")]
    counts = {one.state: 0 for one in verdicts}
    for verdict in verdicts:
        counts[verdict.state] += 1
    summary = ", ".join(f"{number} {state}" for state, number in counts.items())
    return [*lines, "", *table(bad), f"{len(verdicts)} rules: {summary}"]


def document(outcomes: list[Outcome], verdicts: list[Verdict]) -> dict[str, object]:
    """Return the outcomes and verdicts for JSON."""
    return {
        "gates": [
            {"gate": one.name, "failed": one.failed, "seconds": round(one.seconds, 2)}
            for one in outcomes
        ],
        "rules": [asdict(one) for one in verdicts],
    }


if __name__ == "__main__":
    sys.exit(main())
