"""`make standards`: writes the table of the standard into README.md."""

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
    "VAL": "request and response validation",
    "STRUCT": "layers, and imports between them",
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
    """Return the rules of a project with the default answers."""
    with tempfile.TemporaryDirectory() as folder:
        file = render(Path(folder) / "project") / "standards" / "catalogue.yml"
        return list(yaml.safe_load(file.read_text(encoding="utf-8")))


def gates(rules: Rules) -> list[str]:
    """Return the gates of rules; rules with evidence only come last."""
    named = [rule["gate"] for rule in rules if "gate" in rule]
    judged = len(rules) - len(named)
    return [*dict.fromkeys(named), *([f"evidence for {judged}"] if judged else [])]


def table(rules: Rules) -> str:
    """Return the table, with a row for each group of rules."""
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
    """Return the group of a rule."""
    return str(rule["id"]).partition("-")[0]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the table; with --check, fail if it would change."""
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
