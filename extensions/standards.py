"""The table of the standard: writes it into README.md from the catalogue."""

import argparse
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from extensions.questions import ROOT
from extensions.rendering import render

Rules = list[dict[str, Any]]

FILE = "README.md"
BETWEEN = re.compile(r"(?<=<!-- the standard -->\n).*?(?=<!-- /the standard -->)", re.S)
HEAD = "| rules | about | how many | found by |\n|---|---|---|---|\n"
ABOUT = {
    "STYLE": "formatting",
    "NAME": "names",
    "TYPE": "types",
    "VAL": "validation of requests and responses",
    "STRUCT": "packages, layers, dependency injection",
    "ASYNC": "the event loop",
    "DB": "the database",
    "ERR": "errors",
    "LOG": "logging",
    "SEC": "secrets, passwords, origins",
    "TEST": "tests",
    "TOOL": "tools, image, lock",
    "CONF": "`pyproject.toml`",
    "HOOK": "hooks",
    "DOC": "docstrings",
    "CI": "the pipeline",
    "HOWTO": "the README",
}


def catalogue() -> Rules:
    """Read the rules of a project with the default answers."""
    with tempfile.TemporaryDirectory() as folder:
        file = render(Path(folder) / "project") / "standards" / "catalogue.yml"
        return list(yaml.safe_load(file.read_text(encoding="utf-8")))


def gates(rules: Rules) -> list[str]:
    """Name the gates of some rules; what no machine judges comes last."""
    named = [rule["gate"] for rule in rules if "gate" in rule]
    judged = len(rules) - len(named)
    return [*dict.fromkeys(named), *([f"evidence for {judged}"] if judged else [])]


def table(rules: Rules) -> str:
    """Draw the table: a row for each letter of the ids."""
    kinds = {kind: [one for one in rules if of(one) == kind] for kind in ABOUT}
    rows = [
        f"| {kind} | {ABOUT[kind]} | {len(some)} | {', '.join(gates(some))} |\n"
        for kind, some in kinds.items()
    ]
    judged = sum("gate" not in rule for rule in rules)
    total = (
        f"\n{len(rules)} rules: {len(rules) - judged} gated, {judged} with evidence.\n"
    )
    return HEAD + "".join(rows) + total


def of(rule: dict[str, Any]) -> str:
    """Say what a rule is about."""
    return str(rule["id"]).partition("-")[0]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the table, or say that it is stale."""
    parser = argparse.ArgumentParser(prog="python -m extensions.standards")
    parser.add_argument("--check", action="store_true", help="only say when stale")
    options = parser.parse_args(arguments)
    file = root / FILE
    old = file.read_text(encoding="utf-8")
    written = table(catalogue())
    new = BETWEEN.sub(lambda _: written, old)
    if not options.check:
        file.write_text(new, encoding="utf-8")
    elif new != old:
        print(f"{FILE} is stale: run `make standards`")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
