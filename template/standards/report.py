"""Run the gates and print the state of each rule: `python -m standards.report`.

The exit code is 0 if every rule holds or is waived, 1 if not, 2 if a file is malformed.
"""

import argparse
import json
import os
import re
import subprocess  # nosec B404
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from standards import catalogue
from standards.catalogue import FOLDER, KINDS, Gate, Rule, Standard

ROW = "{rule:<10} {gate:<24} {state:<10} {where:.90}"
# Some tools colour their output in spite of NO_COLOR.
COLOUR = re.compile(r"\x1b(\[[\d;?]*[A-Za-z]|\].*?(\x07|\x1b\\))")
# What standards.project reports: a broken rule, or a setting that weakens its gate.
REPORTED = r"^[A-Z]+-\d+: "
# The line that tells best why a gate did not run to its end.
REASON = re.compile(r"^(E +)?[\w.]* ?error\b|not found", re.I)
# The state of a rule, and the line of output that shows it.
Verdict = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """The result of a gate's command."""

    command: str
    code: str
    output: str
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether the exit code is not 0."""
        return self.code != "0"

    def lines(self, pattern: str) -> list[str]:
        """Return the lines of output that match a pattern; none if it is empty."""
        lines = self.output.splitlines()
        return [line for line in lines if pattern and re.search(pattern, line)]

    def reason(self) -> str:
        """Return the line of output that tells why the gate failed."""
        lines = [*filter(str.strip, self.output.splitlines())]
        named = [line for line in lines if REASON.search(line)]
        return (named or lines or [f"no output, exit code {self.code}"])[0].strip()


Outcomes = dict[str, Outcome]


def run_all(gates: dict[str, Gate], kinds: Iterable[str]) -> Outcomes:
    """Run the gates of these kinds in parallel; gates may share a command."""
    chosen = {name: gate for name, gate in gates.items() if gate.kind in kinds}
    runners = {name: gates.get(gate.within, gate) for name, gate in chosen.items()}
    # The slow gates start first.
    ordered = sorted(runners.values(), key=lambda gate: gate.kind != "run")
    unique = {gate.command: gate for gate in ordered}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = dict(zip(unique, pool.map(run, unique.values()), strict=True))
    return {name: done[gate.command] for name, gate in runners.items()}


def run(gate: Gate) -> Outcome:
    """Run the command of a gate in the project's folder."""
    start = time.monotonic()
    with (
        tempfile.TemporaryFile() as file,
        subprocess.Popen(  # nosec B603 B607
            ["bash", "-o", "pipefail", "-c", gate.command],
            cwd=FOLDER.parent,
            env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            code = str(process.wait(float(gate.timeout)))
        except subprocess.TimeoutExpired:
            process.terminate()
            code = "timeout"
            file.write(f"\nerror: stopped after {gate.timeout} seconds\n".encode())
        file.seek(0)
        output = COLOUR.sub("", file.read().decode(errors="replace"))
    return Outcome(gate.command, code, output, time.monotonic() - start)


def evaluate(
    standard: Standard, outcomes: Outcomes, reasons: dict[str, str]
) -> list[Verdict]:
    """Return the state of every rule; an expired waiver counts in any case."""
    verdicts: list[Verdict] = []
    failed = [one for one in outcomes.values() if one.failed]
    lines = [line for one in failed for line in one.lines(REPORTED)]
    reported = {line.partition(":")[0]: line for line in reversed(lines)}
    for rule in standard.rules.values():
        gate = rule.gate if rule.gate in standard.gates else ""
        state, where = state_of(rule, outcomes, reasons)
        if not gate:
            state, where = "evidence", rule.evidence or rule.without
        elif rule.id in reported:
            state, where = "broken", reported[rule.id]
        waiver = standard.waivers.get(rule.id)
        if waiver and waiver.expired:
            state, where = "expired", f"since {waiver.until}"
        elif waiver and state == "broken":
            state, where = "waived", waiver.reason
        verdicts.append({"rule": rule.id, "gate": gate, "state": state, "where": where})
    return verdicts


def state_of(
    rule: Rule, outcomes: Outcomes, reasons: dict[str, str]
) -> tuple[str, str]:
    """Return the state of a rule by the output of its gate, and what shows it."""
    if (outcome := outcomes.get(rule.gate)) is None:
        return "not run", ""
    if outcome.failed and (lines := outcome.lines(rule.finding)):
        return "broken", lines[0].strip()
    if rule.gate in reasons:
        return "not judged", reasons[rule.gate]
    if rule.files and not any(next(FOLDER.parent.glob(one), "") for one in rule.files):
        return "no files", f"nothing matches {' '.join(rule.files)}"
    return "holds", ""


def unjudged(standard: Standard, outcomes: Outcomes) -> dict[str, str]:
    """Return why gates did not look at everything, by their names."""
    reasons: dict[str, str] = {}
    for name, outcome in outcomes.items():
        gate = standard.gates[name]
        runner = standard.gates.get(gate.within, gate)
        known = not runner.codes or outcome.code in runner.codes.split()
        if blind := outcome.lines(runner.blind):
            reasons[name] = blind[0].strip()
        # A gate that fails without one of its lines did not run to its end.
        if outcome.failed and not (known and outcome.lines(gate.line)):
            reasons[name] = outcome.reason()
    for name in outcomes.keys() - reasons:
        if (needed := standard.gates[name].needs) in reasons:
            reasons[name] = f"{needed}: {reasons[needed]}"
    return reasons


def is_forgiven(standard: Standard, name: str, outcome: Outcome) -> bool:
    """Return whether a gate passed, or reports only findings that are waived."""
    valid = [one.rule for one in standard.waivers.values() if not one.expired]
    findings = [standard.rules[rule].finding for rule in valid]
    patterns = [*findings, *(f"^{rule}: " for rule in valid)]
    waived = {line for pattern in patterns for line in outcome.lines(pattern)}
    reported = {*outcome.lines(standard.gates[name].line)}
    return not outcome.failed or bool(reported) and reported <= waived


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
    reasons = unjudged(standard, outcomes)
    verdicts = evaluate(standard, outcomes, reasons)
    red = {n for n, it in outcomes.items() if not is_forgiven(standard, n, it)}
    failed = {name: outcomes[name] for name in outcomes if name in red | {*reasons}}
    if options.json:
        gates = [
            {"gate": name, "failed": one.failed, "reason": reasons.get(name, "")}
            | asdict(one)
            for name, one in outcomes.items()
        ]
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
    outcome = run(standard.gates[name])
    if unjudged(standard, {name: outcome}) or not is_forgiven(standard, name, outcome):
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
    named = {one.command: name for name, one in reversed(failed.items())}
    for name in named.values():
        print(f"\n$ {failed[name].command}\n{failed[name].output.rstrip()}")
        if fix := standard.gates[name].fix:
            print(f"To fix it: {fix}")
    print()
    for rule in verdicts:
        if not commands or rule["state"] in ("broken", "expired", "not judged"):
            print(ROW.format_map(rule).rstrip())
    states = Counter(rule["state"] for rule in verdicts)
    summary = ", ".join(f"{number} {state}" for state, number in states.items())
    print(f"{len(verdicts)} rules: {summary}")
    if named:
        print(f"failed gates: {', '.join(named.values())}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
