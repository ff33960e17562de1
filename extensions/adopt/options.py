"""The command line of `make adopt`."""

import argparse
from collections.abc import Sequence
from datetime import date

from extensions.questions import ROOT


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    about = "Adds the standard, or the whole template, to an existing repository."
    parser = argparse.ArgumentParser(prog="make adopt", description=about)
    add = parser.add_argument
    add("repository", help="a git repository, or the folder of a service in it")
    add("--whole", action="store_true", help="with the application of the template")
    add("--answers", default="", metavar="FILE", help="answers that are known better")
    add("--package", action="append", metavar="PATH", help="where the code is")
    add("--check", metavar="COMMAND", help="its own tests, run before and after")
    add("--template", default=str(ROOT), metavar="URL", help="where updates come from")
    add("--to", default="", metavar="TAG", help="a release that is not the newest")
    add("--dry-run", action="store_true", help="only show what is known")
    add("--report", action="store_true", help="which rules fail, after the adoption")
    add("--waive-until", type=date.fromisoformat, metavar="DATE", help="put them off")
    return parser.parse_args(arguments)
