"""Run the gates and print the state of each rule: `python -m standards.report`.

The exit code is 0 if every rule holds or is waived, 1 if not, 2 if a file is malformed.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from standards.catalogue import FOLDER, KINDS, MalformedError, Standard, read
from standards.gates import Outcome, Verdict, evaluate, only_waived, run, run_all

ROW = "{rule:<10} {gate:<24} {state:<9} {where:.90}"


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Run the gates that the arguments choose."""
    parser = argparse.ArgumentParser(prog="standards.report", description=__doc__)
    parser.add_argument("--static", action="store_true", help="without the tests")
    parser.add_argument("--lint", action="store_true", help="without tests and types")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--waived", metavar="GATE", help="forgive a failed gate")
    options = parser.parse_args(arguments)
    try:
        standard = read(folder)
    except MalformedError as error:
        print(error, file=sys.stderr)
        return 2
    if options.waived:
        return forgive(standard, options.waived)
    kinds = KINDS[:1] if options.lint else KINDS[:2] if options.static else KINDS
    outcomes = run_all(standard.gates, kinds)
    verdicts = evaluate(standard, outcomes)
    failed = {
        name: one
        for name, one in outcomes.items()
        if one.failed and not only_waived(standard, name, one)
    }
    if options.json:
        gates = [{"gate": name} | asdict(one) for name, one in outcomes.items()]
        print(json.dumps({"gates": gates, "rules": verdicts}, indent=2))
    else:
        print_text(standard, outcomes if options.lint else {}, failed, verdicts)
    return int(bool(failed) or any(one["state"] == "expired" for one in verdicts))


def forgive(standard: Standard, name: str) -> int:
    """Run a failed gate again: 0 if it only finds what is waived, 1 if not."""
    if name not in standard.gates:
        print(f"no gate is called {name}", file=sys.stderr)
        return 2
    if not standard.waivers:
        return 1
    outcome = run(standard.gates[name].command)
    if outcome.failed and not only_waived(standard, name, outcome):
        return 1
    print(f"{name}: all findings are waived in standards/waivers.yml")
    return 0


def print_text(
    standard: Standard,
    commands: dict[str, Outcome],
    failed: dict[str, Outcome],
    verdicts: list[Verdict],
) -> None:
    """Print commands or all rules, then failures, broken rules, and a summary."""
    # Gates that share a command are printed once.
    for one in {one.command: one for one in commands.values()}.values():
        state = "FAIL" if one.failed else "ok  "
        print(f"{state} {one.seconds:5.1f} s  {one.command}")
    for name, one in {
        one.command: (name, one) for name, one in failed.items()
    }.values():
        print(f"\n$ {one.command}\n{one.output.rstrip()}")
        if fix := standard.gates[name].fix:
            print(f"To fix it: {fix}")
    print()
    for rule in verdicts:
        if not commands or rule["state"] in ("broken", "expired"):
            print(ROW.format_map(rule).rstrip())
    states = Counter(rule["state"] for rule in verdicts)
    summary = ", ".join(f"{number} {state}" for state, number in states.items())
    print(f"{len(verdicts)} rules: {summary}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
