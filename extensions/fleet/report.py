"""Writes the report: a table, JSON, and an HTML page without external files."""

import json
from collections import Counter
from dataclasses import asdict
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extensions.fleet.plan import Plan
from extensions.fleet.result import STATES, Result, replace
from extensions.fleet.trend import Line

COLOURS = {"failed": "red", "conflicts": "magenta", "red": "red", "foreign": "dim"}
COLOURS |= {"begun": "yellow", "waiting": "yellow", "behind": "yellow"}
COLUMNS = ("project", "state", "release", "drift", "rules", "conflicts", "branch, note")
WIDTH = 140
# The last runs of the trend.
SHOWN = 20


def write(results: list[Result], plan: Plan, runs: list[Line]) -> None:
    """Write the files that were asked for; a reader never finds half of one."""
    if plan.json:
        replace(plan.json, document(ordered(results), runs))
    if plan.html:
        replace(plan.html, page(ordered(results), runs))


def show(results: list[Result]) -> None:
    """Print the table."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(table(ordered(results)))
    console.print(summary(results), highlight=False)


def ordered(results: list[Result]) -> list[Result]:
    """Sort the results; the worst states are the first."""
    return sorted(results, key=lambda it: ([*STATES].index(it.state), it.name))


def gates(result: Result) -> str:
    """Return what is known of the gates: the commit, the command, and when they ran."""
    if result.gates == "not run":
        return "not run"
    commit = (result.update or result.commit)[:8]
    when = "" if result.now else f" when visited on {result.visited[:10]}"
    return f"{result.gates}: {result.command}, on {commit}{when}"


def summary(results: list[Result]) -> str:
    """Count the states in one line."""
    counts = Counter(result.state for result in results)
    listed = ", ".join(f"{counts[it]} {it}" for it in STATES if counts[it])
    ungated = sum(it.compared and it.gates == "not run" for it in results)
    earlier = sum(it.fine and not it.now for it in results)
    return "\n".join(
        [f"{len(results)} repositories: {listed}"]
        + [f"gates did not run in {ungated} of them"] * bool(ungated)
        + [f"{earlier} were fine when they were visited before; see --again"]
        * bool(earlier)
    )


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
        pushed = " (pushed)" * one.pushed
        last = [one.branch + pushed, one.unpushed, one.link, one.request, one.note]
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
        if one.compared:
            earlier = "" if one.now else f" {one.visited[:10]}"
            state.append(f"\ngates: {one.gates}{earlier}", style="dim")
        drawn.add_row(Text(one.name), state, *map(Text, cells))
    return drawn


def document(results: list[Result], runs: list[Line]) -> str:
    """Return the report as JSON."""
    counts = Counter(result.state for result in results)
    whole = {
        "run": runs[-1],
        "states": dict(counts),
        "repositories": [asdict(it) for it in results],
        "runs": runs[-SHOWN:],
    }
    return json.dumps(whole, indent=2) + "\n"


def page(results: list[Result], runs: list[Line]) -> str:
    """Return the report as an HTML page."""
    return template().render(
        results=results,
        states=STATES,
        counts=Counter(result.state for result in results),
        releases=Counter(result.before for result in results if result.before),
        release=release,
        gates=gates,
        run=runs[-1],
        runs=runs[:-SHOWN:-1],
    )


@cache
def template() -> Template:
    """Load the template of the page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
