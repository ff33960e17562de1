"""Runs the gates, and reports which rules hold: `python -m standards.report`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from standards.catalogue import FOLDER, MalformedError, read
from standards.gates import Outcome, run_all
from standards.judge import Verdict, forgiven, judge

STATIC = ("static", "types")


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Run what is asked for; 0 when all holds, 1 when not, 2 when the data is wrong."""
    options = parse(arguments)
    try:
        standard = read(folder)
    except MalformedError as error:
        print(error, file=sys.stderr)
        return 2
    kinds = ("static",) if options.lint else STATIC if options.static else None
    outcomes = run_all(standard.gates, kinds)
    verdicts = judge(standard, outcomes, datetime.now(UTC).date())
    red = [one for one in outcomes if one.failed and not forgiven(standard, one)]
    if options.json:
        print(json.dumps(document(outcomes, verdicts), indent=2))
    else:
        print("\n".join(page(red, verdicts, whole=not options.lint)))
    return int(bool(red) or any(one.state == "expired" for one in verdicts))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="standards.report", description=__doc__)
    parser.add_argument("--static", action="store_true", help="nothing that runs code")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "--lint", action="store_true", help="static but the types; only what is broken"
    )
    return parser.parse_args(arguments)


def page(red: list[Outcome], verdicts: list[Verdict], *, whole: bool) -> list[str]:
    """Show what failing gates said, then the table, then one line that sums it up."""
    lines = [f"-- {one.name}: {one.command}\n{one.output.rstrip()}\n" for one in red]
    shown = [one for one in verdicts if whole or one.state in ("broken", "expired")]
    lines += [
        f"{one.rule:<10} {one.gate:<24} {one.state:<9} {one.where[:90]}".rstrip()
        for one in shown
    ]
    counts = {one.state: 0 for one in verdicts}
    for verdict in verdicts:
        counts[verdict.state] += 1
    summary = ", ".join(f"{number} {state}" for state, number in counts.items())
    return [*lines, f"{len(verdicts)} rules: {summary}"]


def document(outcomes: list[Outcome], verdicts: list[Verdict]) -> dict[str, object]:
    """Say the same for machines."""
    return {
        "gates": [
            {"gate": one.name, "failed": one.failed, "seconds": round(one.seconds, 2)}
            for one in outcomes
        ],
        "rules": [asdict(one) for one in verdicts],
    }


if __name__ == "__main__":
    sys.exit(main())
