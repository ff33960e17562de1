"""Adds the standard, or the whole template, to a repository: `make adopt REPO=…`."""

import argparse
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from extensions.adopt import addition, graft, layout, stages, survey
from extensions.adopt.addition import Repository
from extensions.adopt.evidence import Evidence
from extensions.adopt.inference import NOTHING, Found, doubts, infer
from extensions.adopt.options import parse
from extensions.adopt.source import Template
from extensions.answers import read_answers
from extensions.commands import Commands
from extensions.questions import questions
from extensions.refusals import RefusalError

LIMIT = 1800


def main(arguments: Sequence[str] | None = None) -> int:
    """Adopt, or report the broken rules. Returns 1 if it was refused."""
    options = parse(arguments)
    commands = Commands(Path(os.devnull), LIMIT)
    try:
        if not options.repository or not Path(options.repository).is_dir():
            raise RefusalError("name the repository: make adopt REPO=path")
        place = Path(options.repository).resolve()
        if options.report:
            stages.report(place, options.waive_until, commands)
        else:
            adopt(Repository(graft.check(place, commands), place, commands), options)
    except RefusalError as refusal:
        for line in str(refusal).splitlines():
            print(f"make adopt: {line}", file=sys.stderr)
        return 1
    return 0


def adopt(repository: Repository, options: argparse.Namespace) -> None:
    """Print what is known of a repository, and add what was asked for."""
    evidence = Evidence(repository.folder)
    places = layout.find(evidence)
    if options.package:
        places = places._replace(sources=[it.rstrip("/") for it in options.package])
    found = infer(evidence)
    known = read_answers(options.answers)
    found |= {name: (answer, options.answers) for name, answer in known.items()}
    for name, (value, where) in survey.facts(evidence, places).items():
        print(f"{name:20} {value:44} {where}".rstrip())
    show(found, options.whole)
    reasons = [*survey.refusals(evidence, places)]
    reasons += whole_refusals(repository, evidence, found) if options.whole else []
    if reasons:
        raise RefusalError("\n".join(reasons))
    if options.dry_run:
        return
    source = Template(options.template, options.to)
    if options.whole:
        answers = {name: answer for name, (answer, _) in found.items()}
        conflicts = graft.graft(repository.folder, source, answers, repository.commands)
        print(next_steps(repository.folder, conflicts, evidence.files))
    else:
        answers = addition.answers(found, places, top=not repository.prefix)
        command = options.check or addition.own_tests(repository.folder, places.tests)
        addition.adopt(repository, evidence, source, answers, command)


def show(found: Found, whole: bool) -> None:
    """Print every answer with its source; without the application, no defaults."""
    for name, question in questions().items():
        if question.asked and (whole or found.get(name, ("", NOTHING))[1] != NOTHING):
            answer, where = found.get(name, (question.default, "default"))
            if "{{" in str(answer):  # Computed from other answers.
                answer = ""
            print(f"{name:20} {answer!s:44} {where}".rstrip())


def whole_refusals(
    repository: Repository, evidence: Evidence, found: Found
) -> list[str]:
    """Return why the whole template can not be added, a line each."""
    reasons = [
        f"{it}: adopt the standard only, or name it in --answers"
        for it in doubts(found)
    ]
    if repository.prefix:
        reasons.append(f"{repository.folder} is not the top of a git repository")
    for folder in layout.heads(evidence):
        reasons.append(
            f"it has migrations in {folder}, and the template has its own: adopt the"
            " standard only"
        )
    return reasons


def next_steps(place: Path, conflicts: list[str], own: Iterable[str]) -> str:
    """Return what to do after the whole template was merged."""
    lines = [f"\nThe template is merged on the branch {graft.ADOPTED}."]
    if conflicts:
        lines += [
            "These files are in conflict, with your lines above the template's:\n",
            *(f"    {name}" for name in conflicts),
            "\nSettle them by hand, or take one side:",
            "`git checkout --ours FILE` keeps yours, `--theirs` takes the template's.",
            "To undo the merge: git merge --abort",
        ]
    if beside := graft.competing(place, own):
        lines += [
            "\nThese do the same as files of yours:\n",
            *(f"    {it}" for it in beside),
        ]
    commit = ["    git add --all && git commit --no-edit"] if conflicts else []
    quoted = shlex.quote(str(place))
    lines += ["\nThen:\n", f"    cd {quoted}", *commit, "    make lock install"]
    return "\n".join([*lines, f"\nand here: make adopt REPO={quoted} ARGS=--report\n"])


if __name__ == "__main__":
    sys.exit(main())
