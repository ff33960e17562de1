"""Writes the figures, the picture and the README's table; checks the limits."""

import io
import re
from pathlib import Path

from rich.bar import Bar
from rich.console import Console
from rich.table import Table

from extensions.bench.load import Figures
from extensions.questions import ROOT

PAGE = "docs/performance.md"
PICTURE = "docs/pictures/performance.svg"
FRONT = "README.md"
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end -->)", re.DOTALL)
# Lowest speed relative to the reference, by CPU time.
PROMISED = {
    "one": 0.75,
    "list": 0.65,
    "filtered": 0.6,
    "built": 0.3,
    "create": 0.45,
    "change": 0.2,
}
# Highest ratio of the 99th percentile to the median.
SPREAD = 3.0
WIDTH = 76
NAMES = {
    "one": "one item, with its tags",
    "list": "60 items, with their tags and the total",
    "filtered": "20 items by two filters, sorted by name",
    "built": "the same, a statement built for the request",
    "create": "create with two tags and a token",
    "change": "change of name and tags, through entities",
}
HEADINGS = (
    "| | reference, µs | service, µs | share | promised | requests a second | p50, ms "
    "| p99, ms | p99 / p50 |\n|---|---|---|---|---|---|---|---|---|\n"
)
Found = dict[str, tuple[Figures, Figures]]


def write(found: Found, memory: list[float], machine: str, root: Path = ROOT) -> int:
    """Write the figures and the picture. Returns 1 if a limit is exceeded, else 0."""
    rows = [row(kind, *sides) for kind, sides in found.items()]
    text = f"{machine}.\n\n{HEADINGS}{''.join(rows)}\n{held(memory)}"
    page, front = ((root / name).read_text(encoding="utf-8") for name in (PAGE, FRONT))
    (root / PAGE).write_text(FIGURES.sub(lambda _: text, page), encoding="utf-8")
    (root / FRONT).write_text(shown(front, found), encoding="utf-8")
    (root / PICTURE).write_text(picture(found), encoding="utf-8")
    print(text)
    kept = [found[kind][0].share >= least for kind, least in PROMISED.items()]
    steady = [service.p99 <= SPREAD * service.p50 for service, _ in found.values()]
    return 0 if all(kept + steady) else 1


def row(kind: str, service: Figures, reference: Figures) -> str:
    """Return a row of the table."""
    return (
        f"| {NAMES[kind]} | {reference.cpu:.0f} | {service.cpu:.0f} "
        f"| **{service.share:.2f}** | {PROMISED[kind]} "
        f"| {service.rate:.0f} | {service.p50:.1f} | {service.p99:.1f} "
        f"| {service.p99 / service.p50:.1f} |\n"
    )


def shown(front: str, found: Found) -> str:
    """Return the README with the new shares."""
    for kind, (service, _) in found.items():
        old = rf"(?m)^(\| {re.escape(NAMES[kind])} \|) [\d.]+ \|$"
        front = re.sub(old, rf"\1 {service.share:.2f} |", front)
    return front


def held(memory: list[float]) -> str:
    """Return the memory of the service by minute."""
    if not memory:
        return ""
    first, *later = [f"{megabytes:.0f}" for megabytes in memory]
    return (
        f"Memory under load, in MB: {first} at the start, then each minute "
        f"{', '.join(later)}.\n"
    )


def picture(found: Found) -> str:
    """Return a bar chart of the CPU time for a request, as SVG."""
    console = Console(width=WIDTH, record=True, file=io.StringIO())
    table = Table(box=None, expand=True, pad_edge=False)
    for name in ("processor time for a request", "", "µs"):
        table.add_column(name, ratio=1 if not name else None, justify="left")
    for kind, sides in found.items():
        longest = max(figures.cpu for figures in sides)
        for name, figures in zip(("service", "reference"), sides, strict=True):
            colour = "green" if name == "service" else "bright_black"
            bar = Bar(longest, 0, figures.cpu, color=colour)
            table.add_row(f"{kind}, {name}", bar, f"{figures.cpu:.0f}")
    console.print(table)
    console.print()
    return exported(console)


def exported(console: Console) -> str:
    """Export what a console recorded as an SVG without web fonts."""
    svg = console.export_svg(title="plumbline", unique_id="performance")
    svg = re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", svg, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", svg)
