"""Measure the size of every preset's project; `make size` prints the table."""

import argparse
import re
import tempfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from extensions.questions import ROOT
from extensions.rendering import ANSWERS_FILE, presets, render

FILE = "README.md"
BETWEEN = re.compile(r"(?<=<!-- size -->\n).*?(?=<!-- /size -->)", re.DOTALL)
# What belongs to the template and not to the service, here and nowhere else.
MACHINERY = re.compile(
    r"standards/|upkeep|tests/standards/|tests/unit/upkeep/|docs/(standards|update)\.md"
)
FOLDERS = ("app/", "alembic/", "tests/", "docs/", ".github/")
INFRASTRUCTURE = re.compile(r"tests/(unit/(api|core|db)|integration/db)/")
# The interface of the database: its own imports are how it works inside.
INTERFACE = "app/db/database.py"
# What all resources use is read once, and not for each of them.
SHARED = re.compile(
    r"app/(core/|api/(errors|security)|db/(errors|lists|types)"
    r"|(models|schemas)/(base|lists))"
)
# How the application reaches the route, from which all else is imported.
MOUNTED_BY, ROUTE = ("app/main.py", "app/api/router.py"), "app/api/v1/items.py"
IMPORT = re.compile(r"^from (app[\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)
TEST = re.compile(r"^\s*(?:async )?def test_", re.MULTILINE)

Lines = dict[str, int]


class Size(NamedTuple):
    """A number of files or modules, and of the lines in them."""

    files: int
    lines: int

    def __str__(self) -> str:
        """Return both numbers, or a dash."""
        return f"{self.files} · {self.lines:,}" if self.files else "–"


class Share(NamedTuple):
    """A part of a whole."""

    part: int
    whole: int

    def __str__(self) -> str:
        """Return both numbers."""
        return f"{self.part} of {self.whole}"


Measured = dict[str, Size | Share]


def lines_of(project: Path) -> Lines:
    """Map each file of a rendered project to its lines, without the answers file."""
    return {
        path.relative_to(project).as_posix(): len(path.read_bytes().splitlines())
        for path in sorted(project.rglob("*"))
        if path.is_file() and path.name != ANSWERS_FILE
    }


def size(lines: Lines, names: Collection[str]) -> Size:
    """Add up some files."""
    return Size(len(names), sum(lines[name] for name in names))


def measure(project: Path) -> Measured:
    """Measure a rendered project: its folders, the whole, its tests, one request."""
    lines = lines_of(project)
    machinery = [name for name in lines if MACHINERY.match(name)]
    own = [name for name in lines if name not in machinery]
    folders = {
        f"`{folder}`": [name for name in own if name.startswith(folder)]
        for folder in FOLDERS
    }
    others = [name for name in own if not name.startswith(FOLDERS)]
    return {
        **{folder: size(lines, names) for folder, names in folders.items()},
        "other files": size(lines, others),
        "template machinery": size(lines, machinery),
        "whole project": size(lines, lines),
        "tests of infrastructure": infrastructure_tests(project, folders["`tests/`"]),
        "modules of `POST /items`": size(lines, request_modules(project)),
    }


def infrastructure_tests(project: Path, names: Iterable[str]) -> Share:
    """Count the test functions of infrastructure, and all of them."""
    found = {
        name: len(TEST.findall((project / name).read_text(encoding="utf-8")))
        for name in names
    }
    part = sum(count for name, count in found.items() if INFRASTRUCTURE.match(name))
    return Share(part, sum(found.values()))


def request_modules(project: Path) -> list[str]:
    """List the modules to read for `POST /items`, down to the database's interface.

    They are the route and what it imports, directly or not, without `SHARED`, and
    without the implementation behind `INTERFACE`.
    """
    if not (project / ROUTE).exists():
        return []
    found, waiting = [*MOUNTED_BY], [ROUTE]
    while waiting:
        name = waiting.pop()
        if name not in found and not SHARED.match(name):
            found.append(name)
            waiting += [] if name == INTERFACE else imported(project, name)
    return found


def imported(project: Path, name: str) -> list[str]:
    """List the modules of the application that a module imports."""
    found = []
    text = (project / name).read_text(encoding="utf-8")
    for package, names in IMPORT.findall(text):
        folder = package.replace(".", "/")
        modules = [f"{folder}/{each}.py" for each in re.findall(r"\w+", names)]
        there = [module for module in modules if (project / module).exists()]
        if not there and (project / folder / "__init__.py").exists():
            # An `__init__.py` only re-exports: what it imports counts.
            there = imported(project, f"{folder}/__init__.py")
        found += there or [f"{folder}.py"]
    return found


def table(measured: dict[str, Measured]) -> str:
    """Return the table of all presets as Markdown."""
    names = [*measured]
    head = f"| files · lines | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    rows = [
        f"| {row} | {' | '.join(str(measured[name][row]) for name in names)} |\n"
        for row in measured[names[0]]
    ]
    return head + "".join(rows)


def preset_names() -> list[str]:
    """List the presets, the default answers first."""
    return sorted(presets(), key=lambda name: name != "standard")


def measured_presets() -> dict[str, Measured]:
    """Render and measure every preset."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            name: measure(render(Path(folder) / name, presets()[name]))
            for name in preset_names()
        }


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> None:
    """Print the table, or write it into the README."""
    parser = argparse.ArgumentParser(prog="make size")
    parser.add_argument("--write", action="store_true", help=f"write it into {FILE}")
    options = parser.parse_args(arguments)
    written = table(measured_presets())
    print(written, end="")
    if options.write:
        text = (root / FILE).read_text(encoding="utf-8")
        new = BETWEEN.sub(lambda _: written, text)
        (root / FILE).write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
