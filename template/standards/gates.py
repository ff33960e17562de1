"""Run gates, and read the state of each rule from their output."""

import os
import re
import subprocess  # nosec B404
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from standards.catalogue import FOLDER, Gate, Rule, Standard

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


def run_all(gates: dict[str, Gate], kinds: Iterable[str]) -> dict[str, Outcome]:
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


def evaluate(standard: Standard, outcomes: dict[str, Outcome]) -> list[Verdict]:
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


def state_of(
    rule: Rule, standard: Standard, outcomes: dict[str, Outcome]
) -> tuple[str, str]:
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


def only_waived(standard: Standard, name: str, outcome: Outcome) -> bool:
    """Return whether every failure that a gate reports breaks a waived rule."""
    valid = [one.rule for one in standard.waivers.values() if not one.expired]
    waived = {
        it for rule in valid for it in outcome.lines(standard.rules[rule].finding)
    }
    reported = {*outcome.lines(standard.gates[name].line)}
    return bool(reported) and reported <= waived
