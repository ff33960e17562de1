"""Writes the report: a table, JSON, and an HTML page without external files."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extensions.fleet.plan import Plan
from extensions.fleet.result import STATES, Result

COLOURS = {"failed": "red", "conflicts": "magenta", "red": "red", "foreign": "dim"}
COLUMNS = ("project", "state", "release", "drift", "rules", "conflicts", "branch, note")
WIDTH = 140


def write(results: list[Result], plan: Plan) -> None:
    """Write the reports that were asked for; the worst states come first."""
    ordered = sorted(results, key=lambda it: ([*STATES].index(it.state), it.name))
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(table(ordered))
    console.print(summary(ordered), highlight=False)
    if plan.json:
        plan.json.write_text(document(ordered), encoding="utf-8")
    if plan.html:
        plan.html.write_text(page(ordered), encoding="utf-8")


def summary(results: list[Result]) -> str:
    """Count the states in one line."""
    counts = Counter(result.state for result in results)
    listed = ", ".join(f"{counts[it]} {it}" for it in STATES if counts[it])
    return f"{len(results)} repositories: {listed}"


def release(result: Result) -> str:
    """Return the releases before and after the update."""
    if result.before == result.after:
        return result.before
    return f"{result.before} → {result.after}"


def table(results: list[Result]) -> Table:
    """Return the table; texts from repositories are not interpreted as markup."""
    drawn = Table(*COLUMNS)
    for one in results:
        rules = [*one.rules, *(f"({waiver})" for waiver in one.waived)]
        last = [one.branch + " (pushed)" * one.pushed, one.link, one.note]
        cells = [
            release(one),
            "\n".join(
                one.drift[:5]
                + [f"and {len(one.drift) - 5} more"] * (len(one.drift) > 5)
            ),
            "\n".join(rules),
            "\n".join([*one.conflicts, *(f"{name} (lost)" for name in one.lost)]),
            "\n".join(filter(None, last)),
        ]
        state = Text(one.state, style=COLOURS.get(one.state, "green"))
        drawn.add_row(Text(one.name), state, *map(Text, cells))
    return drawn


def document(results: list[Result]) -> str:
    """Return the report as JSON."""
    counts = Counter(result.state for result in results)
    whole = {"states": dict(counts), "repositories": [asdict(it) for it in results]}
    return json.dumps(whole, indent=2) + "\n"


def page(results: list[Result]) -> str:
    """Return the report as an HTML page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        results=results,
        states=STATES,
        counts=Counter(result.state for result in results),
        release=release,
        now=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )
