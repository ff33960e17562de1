"""The options of a run of the fleet, from its command line."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from upkeep import gates

BRANCH = "template-update"
AS_IT_IS = "make install check"
RULES = "make --silent standards ARGS=--json"


@dataclass(frozen=True)
class Plan:
    """The options of a run."""

    list: Path
    work: Path
    to: str
    gates: str | None
    rules: str
    push: bool
    propose: str
    jobs: int
    again: bool
    limit: float
    json: Path | None
    html: Path | None


def parse(arguments: Sequence[str] | None = None) -> Plan:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make fleet", description=__doc__)
    add = parser.add_argument
    add("list", type=Path, help="lines or YAML (paths, URLs), or JSON of a forge's API")
    add("--work", type=Path, default=Path("build/fleet"), help="clones and results")
    add("--to", default="", metavar="TAG", help="a release that is not the newest")
    add("--gates", metavar="COMMAND", help=f"instead of `{gates.COMMAND}`")
    add("--no-gates", dest="gates", action="store_const", const="", help="run none")
    add("--rules", metavar="COMMAND", default=RULES, help="what lists broken rules")
    add("--push", action="store_true", help=f"push {BRANCH} where all is fine")
    add("--propose", metavar="COMMAND", default="", help="after a push; prints a link")
    add("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="at a time")
    add("--again", action="store_true", help="visit those that were fine, too")
    add("--limit", type=float, default=1800, metavar="SECONDS", help="of one command")
    add("--json", type=Path, metavar="FILE", help="the report for machines")
    add("--html", type=Path, metavar="FILE", help="the report as one page")
    return Plan(**vars(parser.parse_args(arguments)))
