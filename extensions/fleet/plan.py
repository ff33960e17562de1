"""The options of a run of the fleet, from its command line."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from extensions.fleet.listing import Repository
from extensions.refusals import RefusalError
from upkeep import gates

BRANCH = "template-update"
PREPARE = f"make {' '.join(gates.TARGETS[:-1])}"
CHECK = f"make {gates.TARGETS[-1]}"
RULES = "make --silent standards ARGS=--json"


@dataclass(frozen=True)
class Plan:
    """The options of a run."""

    list: Path
    work: Path
    to: str
    gates: str | None
    rules: str
    env: Sequence[str]
    push: bool
    push_ungated: bool
    propose: str
    requests: str
    open: int
    jobs: int
    shard: str
    wave: int
    canary: int
    again: bool
    limit: float
    versions: bool
    report: bool
    json: Path | None
    html: Path | None

    @property
    def hidden(self) -> tuple[str, ...]:
        """Return the values that are never printed, the longest first."""
        values = {os.environ.get(name, "") for name in self.env} - {""}
        return tuple(sorted(values, key=len, reverse=True))

    @property
    def options(self) -> str:
        """Return the options that decide whether an earlier visit still counts."""
        return repr((self.to, self.gates, sorted(self.env)))

    @property
    def kind(self) -> str:
        """Return what the run does with repositories."""
        return "report" if self.report else "versions" if self.versions else "visits"

    def check(self) -> None:
        """Raise RefusalError for options that can not work."""
        if not self.list.name:
            raise RefusalError("say which repositories: make fleet LIST=file")
        if missing := [name for name in self.env if name not in os.environ]:
            raise RefusalError(f"--env {missing[0]}: the variable is not set")
        if self.open and not self.requests:
            raise RefusalError("--open needs --requests, which counts the open ones")

    def chosen(self, repositories: Sequence[Repository]) -> Sequence[Repository]:
        """Return the repositories of the wave and the shard. Raises RefusalError."""
        found = [
            replace(it, wave=1) if number < self.canary else it
            for number, it in enumerate(repositories)
        ]
        found = [it for it in found if self.wave in (0, it.wave)]
        if self.shard:
            part, parts = _shard(self.shard)
            found = found[part - 1 :: parts]
        return found


def branch_of(folder: str) -> str:
    """Return the branch of an update; a repository may hold several projects."""
    return f"{BRANCH}-{folder.replace('/', '-')}" if folder else BRANCH


def _shard(text: str) -> tuple[int, int]:
    """Read the number of a shard, and that of all."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    part, parts = map(int, match.groups()) if match else (0, 0)
    if not 1 <= part <= parts:
        raise RefusalError(f"--shard {text}: write 1/4, 2/4, 3/4 or 4/4")
    return part, parts


def parse(arguments: Sequence[str] | None = None) -> Plan:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make fleet", description=__doc__)
    add = parser.add_argument
    add("list", type=Path, help="lines or YAML (paths, URLs), or JSON of a forge's API")
    add("--work", type=Path, default=Path("build/fleet"), help="clones and results")
    add("--to", default="", metavar="TAG", help="a release that is not the newest")
    add("--gates", metavar="COMMAND", help=f"instead of `{PREPARE}` and `{CHECK}`")
    add("--no-gates", dest="gates", action="store_const", const="", help="run none")
    add("--rules", metavar="COMMAND", default=RULES, help="what lists broken rules")
    add("--env", action="append", default=[], metavar="NAME", help=ENV)
    add("--push", action="store_true", help=f"push {BRANCH} where the gates pass")
    add("--push-ungated", action="store_true", help="push where no gates ran, too")
    add("--propose", metavar="COMMAND", default="", help="after a push; prints a link")
    add("--requests", metavar="COMMAND", default="", help=REQUESTS)
    add("--open", type=int, default=0, metavar="N", help="at most N open requests")
    add("--jobs", type=_count, default=min(4, os.cpu_count() or 1), help="at a time")
    add("--shard", default="", metavar="I/N", help="only the I-th of N parts")
    add("--canary", type=int, default=0, metavar="N", help=CANARY)
    add("--wave", type=int, default=0, metavar="N", help="only this wave")
    add("--again", action="store_true", help="visit those that were fine, too")
    add("--limit", type=float, default=1800, metavar="SECONDS", help="of one command")
    add("--versions", action="store_true", help="only read the releases of projects")
    add("--report", action="store_true", help="only report what earlier visits found")
    add("--json", type=Path, metavar="FILE", help="the report for machines")
    add("--html", type=Path, metavar="FILE", help="the report as one page")
    return Plan(**vars(parser.parse_args(arguments)))


ENV = "a variable that gates may read, with a secret name too; its value is hidden"
REQUESTS = "prints the state of a request: open, red, merged or closed"
CANARY = "the first N projects are the first wave"


def _count(text: str) -> int:
    """Read a number of at least 1."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("write 1 or more")
    return number
