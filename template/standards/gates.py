"""Run gates, and read the state of each rule from their output."""

import os
import re
import subprocess  # nosec B404
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from standards.catalogue import FOLDER, Gate, Rule, Standard


@dataclass(frozen=True)
class Outcome:
    """The result of a gate's command."""

    name: str
    command: str
    failed: bool
    output: str
    seconds: float


@dataclass(frozen=True)
class Verdict:
    """The state of a rule, and the line of output that shows it."""

    rule: str
    gate: str
    state: str
    where: str = ""


def run_all(gates: dict[str, Gate], kinds: Iterable[str]) -> list[Outcome]:
    """Run the gates of these kinds in parallel; gates may share a command."""
    chosen = {name: gate for name, gate in gates.items() if gate.kind in kinds}
    runners = {name: gates.get(gate.within, gate) for name, gate in chosen.items()}
    # The slow gates start first.
    ordered = sorted(runners.values(), key=lambda gate: gate.kind != "run")
    commands = list(dict.fromkeys(gate.command for gate in ordered))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = dict(zip(commands, pool.map(run, commands), strict=True))
    return [replace(done[gate.command], name=name) for name, gate in runners.items()]


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
    return Outcome("", command, failed, output, time.monotonic() - start)


def evaluate(standard: Standard, outcomes: list[Outcome]) -> list[Verdict]:
    """Return the state of every rule; an expired waiver counts, whatever the gate."""
    by_gate = {outcome.name: outcome for outcome in outcomes}
    verdicts: list[Verdict] = []
    for rule in standard.rules.values():
        verdict = evaluate_rule(rule, standard, by_gate.get(rule.gate))
        waiver = standard.waivers.get(rule.id)
        if waiver and waiver.expired:
            verdict = Verdict(rule.id, rule.gate, "expired", f"since {waiver.until}")
        elif waiver and verdict.state == "broken":
            verdict = Verdict(rule.id, rule.gate, "waived", waiver.reason)
        verdicts.append(verdict)
    return verdicts


def evaluate_rule(rule: Rule, standard: Standard, outcome: Outcome | None) -> Verdict:
    """Return the state of a rule by the output of its gate."""
    if rule.gate not in standard.gates:
        return Verdict(rule.id, "", "evidence", rule.evidence or rule.without)
    if outcome is None:
        return Verdict(rule.id, rule.gate, "not run")
    if not outcome.failed:
        return Verdict(rule.id, rule.gate, "holds")
    if lines := matching(rule.finding, outcome):
        return Verdict(rule.id, rule.gate, "broken", lines[0].strip())
    # A gate that failed without one of its lines did not run to its end.
    ended = matching(standard.gates[rule.gate].line, outcome)
    return Verdict(rule.id, rule.gate, "holds" if ended else "unknown")


def only_waived(standard: Standard, outcome: Outcome) -> bool:
    """Return whether every failure that a gate reports breaks a waived rule."""
    valid = [name for name, one in standard.waivers.items() if not one.expired]
    findings = [standard.rules[name].finding for name in valid]
    waived = {line for finding in findings for line in matching(finding, outcome)}
    reported = {*matching(standard.gates[outcome.name].line, outcome)}
    return bool(reported) and reported <= waived


def matching(pattern: str, outcome: Outcome) -> list[str]:
    """Return the lines of output that match a pattern; none if it is empty."""
    lines = outcome.output.splitlines()
    return [line for line in lines if pattern and re.search(pattern, line)]
