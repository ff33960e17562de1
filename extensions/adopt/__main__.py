"""Adds the template to an existing repository: `make adopt REPO=… ARGS=…`."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from extensions.adopt import graft, stages
from extensions.adopt.evidence import Evidence
from extensions.adopt.inference import infer
from extensions.answers import read_answers
from extensions.commands import Commands
from extensions.questions import ROOT, questions
from extensions.refusals import RefusalError

LIMIT = 1800


def main(arguments: Sequence[str] | None = None) -> int:
    """Adopt, or report the broken rules. Returns 1 if it was refused."""
    options = parse(arguments)
    commands = Commands(Path(os.devnull), LIMIT)
    try:
        if not options.repository or not Path(options.repository).is_dir():
            raise RefusalError("say where it is: make adopt REPO=path")
        place = Path(options.repository).resolve()
        if options.report:
            report(place, options.waive_until, commands)
        else:
            adopt(place, options, commands)
    except RefusalError as refusal:
        print(f"make adopt: {refusal}", file=sys.stderr)
        return 1
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make adopt", description=__doc__)
    add = parser.add_argument
    add("repository", help="the top of a git repository")
    add("--answers", default="", metavar="FILE", help="answers that are known better")
    add("--template", default=str(ROOT), metavar="URL", help="where updates come from")
    add("--to", default="", metavar="TAG", help="a release that is not the newest")
    add("--dry-run", action="store_true", help="only show the answers")
    add("--report", action="store_true", help="which rules fail, after the adoption")
    add("--waive-until", type=date.fromisoformat, metavar="DATE", help="put them off")
    return parser.parse_args(arguments)


def adopt(place: Path, options: argparse.Namespace, commands: Commands) -> None:
    """Print the inferred answers, and merge the template rendered with them."""
    graft.check(place, commands)
    found = infer(Evidence(place))
    known = read_answers(options.answers)
    found |= {name: (answer, options.answers) for name, answer in known.items()}
    for name, question in questions().items():
        if question.asked:
            answer, where = found.get(name, (question.default, "default"))
            if "{{" in str(answer):  # Computed from other answers.
                answer = ""
            print(f"{name:20} {answer!s:44} {where}".rstrip())
    if options.dry_run:
        return
    answers = {name: answer for name, (answer, _) in found.items()}
    source = graft.Template(options.template, options.to)
    print(next_steps(place, graft.graft(place, source, answers, commands)))


def next_steps(place: Path, conflicts: list[str]) -> str:
    """Return what to do next."""
    lines = [f"\nThe template is merged on the branch {graft.ADOPTED}."]
    if conflicts:
        lines += [
            "These files are in conflict, with your lines above the template's:\n",
            *(f"    {name}" for name in conflicts),
            "\nSettle them by hand, or take one side:",
            "`git checkout --ours FILE` keeps yours, `--theirs` takes the template's.",
            "To undo the merge: git merge --abort",
        ]
    commit = ["    git add --all && git commit --no-edit"] if conflicts else []
    quoted = shlex.quote(str(place))
    lines += ["\nThen:\n", f"    cd {quoted}", *commit, "    make lock install"]
    return "\n".join([*lines, f"\nand here: make adopt REPO={quoted} ARGS=--report\n"])


def report(place: Path, until: date | None, commands: Commands) -> None:
    """Print the broken rules, and write waivers if asked to."""
    days = stages.last_days(datetime.now(UTC).date(), until) if until else []
    found = stages.gaps(place, commands)
    for gap in found:
        print(f"{gap.stage + 1}  {gap.rule:10} {gap.gate:24} {gap.where[:80]}".rstrip())
    print(
        f"{len(found)} rules do not hold; the number is the stage in which to mend it"
    )
    if days:
        number, last = stages.waive(place, found, days), ", ".join(map(str, days))
        print(f"{number} are put off in standards/waivers.yml, in stages: {last}")


if __name__ == "__main__":
    sys.exit(main())
