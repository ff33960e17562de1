"""Run the gates without the findings that were put off: `python -m standards.baseline`.

baseline.yml counts the findings of each gate from before the adoption, without their line
numbers. A gate passes if it reports no others, up to and including its last day. Nothing
adds findings; `--shrink` removes those that are corrected.
"""

import argparse
import json
import re
import signal
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import yaml

from standards import catalogue, report
from standards.catalogue import FOLDER, KINDS, LOADER, Standard
from standards.report import Outcome, Outcomes, Verdict

FILE = FOLDER / "baseline.yml"
POSITION = re.compile(r":\d+(?=[:\s]|$)")
NOT_JUDGED = "not judged: "
# YAML writes longer keys in two lines.
LONGEST = 120


@cache
def read() -> dict[str, Any]:
    """Return the findings that are put off, and the last day, by gate."""
    text = FILE.read_bytes() if FILE.exists() else b""
    return dict(LOADER(text).get_single_data() or {})


def put_off(gate: str) -> Counter[str]:
    """Return the findings of a gate that are put off; none after the last day."""
    entry = read().get(gate, {})
    last = date.fromisoformat(str(entry.get("until", date.min)))
    if last < datetime.now(UTC).date():
        return Counter()
    return Counter({it: int(n) for it, n in entry.get("findings", {}).items()})


def finding(line: str) -> str:
    """Return a line of output without the position and the place of the repository."""
    text = POSITION.sub("", line.replace(f"{report.ROOT}/", ""))
    return " ".join(text.split())[:LONGEST]


def reported(standard: Standard, name: str, outcome: Outcome) -> list[str]:
    """Return the lines with findings of a gate, and why it did not judge."""
    lines = outcome.findings(standard.gates[name].line)
    reason = report.unjudged(standard, {name: outcome}).get(name)
    return [*lines, NOT_JUDGED + reason] if reason else lines


def findings(standard: Standard, name: str, outcome: Outcome) -> Counter[str]:
    """Count what a gate reports, without positions."""
    return Counter(map(finding, reported(standard, name, outcome)))


def without_rule(standard: Standard, name: str, outcome: Outcome) -> Counter[str]:
    """Count what a gate reports and no rule of the standard is about."""
    patterns = [rule.finding for rule in standard.rules.values() if rule.finding]
    patterns += [f"^{rule}: " for rule in standard.rules]
    known = re.compile("|".join(f"(?:{it})" for it in patterns))
    lines = reported(standard, name, outcome)
    return Counter(finding(line) for line in lines if not known.search(line))


def without_put_off(standard: Standard, name: str, outcome: Outcome) -> Outcome:
    """Return the result of a gate with its new findings only."""
    new = findings(standard, name, outcome) - put_off(name)
    lines = [one for one in outcome.output.splitlines() if finding(one) in new]
    lines += [one for one in new if one.startswith(NOT_JUDGED)]
    return replace(outcome, output="\n".join(lines), code=outcome.code if new else "0")


def states(standard: Standard, outcomes: Outcomes, new: Outcomes) -> list[Verdict]:
    """Return the state of every rule."""
    reasons = report.unjudged(standard, outcomes)
    before = report.evaluate(standard, outcomes, reasons)
    for rule, now in zip(before, report.evaluate(standard, new, reasons), strict=True):
        if rule["state"] == "broken" != now["state"]:
            until = read().get(rule["gate"], {}).get("until", "")
            rule |= {"state": "put off", "where": f"until {until}: {rule['where']}"}
        if rule["where"].startswith(NOT_JUDGED):
            where = rule["where"].removeprefix(NOT_JUDGED)
            rule |= {"state": NOT_JUDGED.strip(": "), "where": where}
    return before


def shrink(found: dict[str, Counter[str]]) -> None:
    """Remove from baseline.yml the findings that are corrected."""
    entries = read()
    for name in entries.keys() & found.keys():
        kept = put_off(name) & found[name]
        entries[name]["findings"] = dict(sorted(kept.items()))
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    heading = [line for line in text.splitlines() if line.startswith("#")]
    entries = {name: entry for name, entry in entries.items() if entry["findings"]}
    body = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=LONGEST)
    FILE.write_text("\n".join([*heading, body if entries else ""]), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the gates that the arguments choose. Returns 1 for new findings."""
    parser = argparse.ArgumentParser(prog="standards.baseline", description=__doc__)
    parser.add_argument("--lint", action="store_true", help="without types")
    parser.add_argument("--types", action="store_true", help="types alone")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--shrink", action="store_true", help="forget what is corrected"
    )
    options = parser.parse_args(arguments)
    standard = catalogue.read(FOLDER)
    kinds = KINDS[:1] if options.lint else KINDS[1:2] if options.types else KINDS
    signal.signal(signal.SIGINT, report.interrupt)
    outcomes = report.run_all(standard.gates, kinds)
    found = {name: findings(standard, name, it) for name, it in outcomes.items()}
    if options.shrink:
        shrink(found)
    new = {name: without_put_off(standard, name, it) for name, it in outcomes.items()}
    failed = {
        name: one
        for name, one in new.items()
        if not report.is_forgiven(standard, name, one)
    }
    rules = states(standard, outcomes, new)
    if options.json:
        rows = [
            {
                "gate": name,
                "findings": found[name],
                "without_rule": without_rule(standard, name, outcomes[name]),
            }
            for name in outcomes
        ]
        print(json.dumps({"gates": rows, "rules": rules}, indent=2))
    else:
        # With a kind of gates, only what they found; without, the state of every rule.
        chosen = (
            [one for one in rules if one["gate"] in new] if kinds != KINDS else rules
        )
        report.print_text(standard, new if kinds != KINDS else {}, failed, chosen)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
