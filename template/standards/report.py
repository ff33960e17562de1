"""Run the gates and print the state of each rule: `python -m standards.report`.

The exit code is 0 if every rule holds or is waived, 1 if not, 2 if a file is malformed.
"""

import argparse
import json
import os
import re
import subprocess  # nosec B404
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from standards import catalogue
from standards.catalogue import FOLDER, KINDS, Gate, Rule, Standard

ROW = "{rule:<10} {gate:<24} {state:<9} {where:.90}"
# The state of a rule, and the line of output that shows it.
Verdict = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """The result of a gate's command."""

    command: str
    failed: bool
    output: str
    seconds: float

    def lines(self, pattern: str) -> list[str]:
        """Return the lines of output that match a pattern; none if it is empty."""
        lines = self.output.splitlines()
        return [line for line in lines if pattern and re.search(pattern, line)]


Outcomes = dict[str, Outcome]


def run_all(gates: dict[str, Gate], kinds: Iterable[str]) -> Outcomes:
    """Run the gates of these kinds in parallel; gates may share a command."""
    chosen = {name: gate for name, gate in gates.items() if gate.kind in kinds}
    runners = {name: gates.get(gate.within, gate) for name, gate in chosen.items()}
    # The slow gates start first.
    ordered = sorted(runners.values(), key=lambda gate: gate.kind != "run")
    commands = list(dict.fromkeys(gate.command for gate in ordered))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = dict(zip(commands, pool.map(run, commands), strict=True))
    return {name: done[gate.command] for name, gate in runners.items()}


def run(command: str) -> Outcome:
    """Run a command of gates.yml in the project's folder."""
    start = time.monotonic()
    done = subprocess.run(  # nosec B603 B607
        ["bash", "-c", command],
        cwd=FOLDER.parent,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    failed, output = done.returncode != 0, done.stdout + done.stderr
    return Outcome(command, failed, output, time.monotonic() - start)


def evaluate(standard: Standard, outcomes: Outcomes) -> list[Verdict]:
    """Return the state of every rule; an expired waiver counts in any case."""
    verdicts: list[Verdict] = []
    for rule in standard.rules.values():
        gate = rule.gate if rule.gate in standard.gates else ""
        state, where = state_of(rule, standard, outcomes)
        waiver = standard.waivers.get(rule.id)
        if waiver and waiver.expired:
            state, where = "expired", f"since {waiver.until}"
        elif waiver and state == "broken":
            state, where = "waived", waiver.reason
        verdicts.append({"rule": rule.id, "gate": gate, "state": state, "where": where})
    return verdicts


def state_of(rule: Rule, standard: Standard, outcomes: Outcomes) -> tuple[str, str]:
    """Return the state of a rule by the output of its gate, and what shows it."""
    if rule.gate not in standard.gates:
        return "evidence", rule.evidence or rule.without
    if (outcome := outcomes.get(rule.gate)) is None:
        return "not run", ""
    if outcome.failed and (lines := outcome.lines(rule.finding)):
        return "broken", lines[0].strip()
    # A gate that failed without one of its lines did not run to its end.
    ended = not outcome.failed or outcome.lines(standard.gates[rule.gate].line)
    return "holds" if ended else "unknown", ""


def is_broken(standard: Standard, name: str, outcome: Outcome) -> bool:
    """Return whether a gate failed, and not only by findings that are waived."""
    valid = [one.rule for one in standard.waivers.values() if not one.expired]
    findings = [standard.rules[rule].finding for rule in valid]
    waived = {line for finding in findings for line in outcome.lines(finding)}
    reported = {*outcome.lines(standard.gates[name].line)}
    return outcome.failed and not (reported and reported <= waived)


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Run the gates that the arguments choose."""
    parser = argparse.ArgumentParser(prog="standards.report", description=__doc__)
    parser.add_argument("--static", action="store_true", help="without the tests")
    parser.add_argument("--lint", action="store_true", help="without tests and types")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--waived", metavar="GATE", help="forgive a failed gate")
    options = parser.parse_args(arguments)
    try:
        standard = catalogue.read(folder)
    except catalogue.MalformedError as error:
        print(error, file=sys.stderr)
        return 2
    if options.waived:
        return forgive(standard, options.waived)
    kinds = KINDS[:1] if options.lint else KINDS[:2] if options.static else KINDS
    outcomes = run_all(standard.gates, kinds)
    verdicts = evaluate(standard, outcomes)
    failed = {n: one for n, one in outcomes.items() if is_broken(standard, n, one)}
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
    if is_broken(standard, name, outcome):
        return 1
    print(f"{name}: all findings are waived in standards/waivers.yml")
    return 0


def print_text(
    standard: Standard, commands: Outcomes, failed: Outcomes, verdicts: list[Verdict]
) -> None:
    """Print commands or all rules, then failures, broken rules, and a summary."""
    # Gates that share a command are printed once.
    for one in {one.command: one for one in commands.values()}.values():
        state = "FAIL" if one.failed else "ok  "
        print(f"{state} {one.seconds:5.1f} s  {one.command}")
    for name in {one.command: name for name, one in failed.items()}.values():
        print(f"\n$ {failed[name].command}\n{failed[name].output.rstrip()}")
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
