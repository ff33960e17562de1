"""Says of every rule whether it holds, from what its gate said."""

import re
from dataclasses import dataclass
from datetime import date

from standards.catalogue import Rule, Standard
from standards.gates import Outcome


@dataclass(frozen=True)
class Verdict:
    """Whether a rule holds, and what says so."""

    rule: str
    gate: str
    state: str
    where: str = ""


def judge(standard: Standard, outcomes: list[Outcome], today: date) -> list[Verdict]:
    """Judge every rule; a waiver that is over counts as broken, whatever the gate."""
    said = {outcome.name: outcome for outcome in outcomes}
    verdicts: list[Verdict] = []
    for rule in standard.rules.values():
        verdict = look(rule, standard, said.get(rule.gate))
        waiver = standard.waivers.get(rule.id)
        if waiver and waiver.expired(today):
            verdict = Verdict(rule.id, rule.gate, "expired", f"since {waiver.until}")
        elif waiver and verdict.state == "broken":
            verdict = Verdict(rule.id, rule.gate, "waived", waiver.reason)
        verdicts.append(verdict)
    return verdicts


def look(rule: Rule, standard: Standard, outcome: Outcome | None) -> Verdict:
    """Look for one rule in what its gate said."""
    if rule.gate not in standard.gates:
        return Verdict(rule.id, "", "evidence", rule.evidence or rule.without)
    if outcome is None:
        return Verdict(rule.id, rule.gate, "not run")
    if not outcome.failed:
        return Verdict(rule.id, rule.gate, "holds")
    if where := rule.broken(outcome.output):
        return Verdict(rule.id, rule.gate, "broken", where)
    # A gate that says nothing it is known for has not judged: it broke down itself.
    line = standard.gates[rule.gate].line
    judged = re.search(line, outcome.output, re.MULTILINE) if line else None
    return Verdict(rule.id, rule.gate, "holds" if judged else "unknown")


def forgiven(standard: Standard, outcome: Outcome) -> bool:
    """Say whether waived rules are all that a failing gate complains about."""
    gate = standard.gates[outcome.name]
    waived = [standard.rules[name].finding for name in standard.waivers]
    findings = [finding for finding in waived if finding]
    lines = [
        line
        for line in outcome.output.splitlines()
        if gate.line and re.search(gate.line, line)
    ]
    return bool(lines) and all(
        any(re.search(finding, line) for finding in findings) for line in lines
    )
