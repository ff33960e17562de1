"""Run the gates and print the state of each rule: `python -m standards.report`.

The exit code is 0 if every rule holds or is waived, 1 if not, 2 if a file is malformed.
"""

import argparse
import json
import os
import re
import signal
import subprocess  # nosec B404
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from standards import catalogue
from standards.catalogue import FOLDER, KINDS, Gate, Standard

ROW = "{rule:<10} {gate:<24} {state:<10} {where:.90}"
# Some tools colour their output in spite of NO_COLOR.
COLOUR = re.compile(r"\x1b(\[[\d;?]*[A-Za-z]|\].*?(\x07|\x1b\\))")
# The line that tells best why a gate did not run to its end.
REASON = r"(?i)^(E +)?[\w.]* ?error\b|not found"
ROOT = FOLDER.parent
# The process groups of the gates.
RUNNING: set[int] = set()
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
        lines = self.output.splitlines() if pattern else []
        return [line.strip() for line in lines if re.search(pattern, line)]

    def findings(self, pattern: str) -> list[str]:
        """Return the lines that match a pattern if the command failed."""
        return self.lines(pattern) if self.failed else []

    def reason(self) -> str:
        """Return the line of output that tells why the gate failed."""
        lines = self.lines(REASON) or self.lines(r"\S")
        return (lines or [f"no output, exit code {self.code}"])[0]


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
    with tempfile.TemporaryFile() as file:
        process = subprocess.Popen(  # nosec B603 B607
            ["bash", "-o", "pipefail", "-c", gate.command],
            cwd=ROOT,
            env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        RUNNING.add(process.pid)
        try:
            code = str(process.wait(float(gate.timeout)))
        except subprocess.TimeoutExpired:
            code = "timeout"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            file.write(f"\nerror: stopped after {gate.timeout} seconds\n".encode())
        file.seek(0)
        output = COLOUR.sub("", file.read().decode(errors="replace"))
    return Outcome(gate.command, code, output, time.monotonic() - start)


def interrupt(*_: object) -> NoReturn:
    """Kill all gates with their children, whose process groups get no Ctrl+C."""
    for group in RUNNING:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    sys.exit(130)


def evaluate(
    standard: Standard, outcomes: Outcomes, reasons: dict[str, str]
) -> list[Verdict]:
    """Return the state of every rule; an expired waiver counts in any case."""
    verdicts: list[Verdict] = []
    for rule in standard.rules.values():
        gate = rule.gate if rule.gate in standard.gates else ""
        outcome, waiver = outcomes.get(gate), standard.waivers.get(rule.id)
        found = outcome.findings(rule.finding) if outcome else []
        # standards.project reports settings that weaken the gate of another rule.
        for one in outcomes.values():
            found += one.findings(f"^{rule.id}: ")
        state, where = "holds", ""
        if not gate:
            state, where = "evidence", rule.evidence or rule.without
        elif found:
            state, where = ("waived", waiver.reason) if waiver else ("broken", found[0])
        elif not outcome:
            state = "not run"
        elif gate in reasons:
            state, where = "not judged", reasons[gate]
        elif rule.files and not any(any(ROOT.glob(one)) for one in rule.files):
            state, where = "no files", f"nothing matches {' '.join(rule.files)}"
        if waiver and waiver.expired:
            state, where = "expired", f"since {waiver.until}"
        verdicts.append({"rule": rule.id, "gate": gate, "state": state, "where": where})
    return verdicts


def unjudged(standard: Standard, outcomes: Outcomes) -> dict[str, str]:
    """Return why gates did not look at everything, by their names."""
    reasons: dict[str, str] = {}
    for name, outcome in outcomes.items():
        gate = standard.gates[name]
        runner = standard.gates.get(gate.within, gate)
        known = not runner.codes or outcome.code in runner.codes.split()
        if blind := outcome.lines(runner.blind):
            reasons[name] = blind[0]
        # A gate that fails without one of its lines did not run to its end.
        if outcome.failed and not (known and outcome.lines(gate.line)):
            reasons[name] = outcome.reason()
    for name in outcomes.keys() - reasons:
        if (needed := standard.gates[name].needs) in reasons:
            reasons[name] = f"{needed}: {reasons[needed]}"
    return reasons


def is_forgiven(standard: Standard, name: str, outcome: Outcome) -> bool:
    """Return whether a gate passed, or reports only findings that are waived."""
    reported = {*outcome.lines(standard.gates[name].line)}
    waived: set[str] = set()
    for rule in standard.waivers:
        if not standard.waivers[rule].expired:
            waived |= {*outcome.lines(standard.rules[rule].finding)}
            waived |= {*outcome.lines(f"^{rule}: ")}
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
    signal.signal(signal.SIGINT, interrupt)
    outcomes = run_all(standard.gates, kinds)
    reasons = unjudged(standard, outcomes)
    verdicts = evaluate(standard, outcomes, reasons)
    failed = {
        name: one
        for name, one in outcomes.items()
        if name in reasons or not is_forgiven(standard, name, one)
    }
    if options.json:
        rows = [
            {"gate": name, "failed": one.failed, "reason": reasons.get(name, "")}
            | asdict(one)
            for name, one in outcomes.items()
        ]
        print(json.dumps({"gates": rows, "rules": verdicts}, indent=2))
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
