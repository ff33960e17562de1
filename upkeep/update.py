"""Updates the project to a release of the template: `make update`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace

from upkeep import (
    answers,
    baseline,
    conflicts,
    gates,
    git,
    leftovers,
    notes,
    preconditions,
    update_state,
    versions,
)
from upkeep.answers import Origin
from upkeep.conflicts import Conflicts
from upkeep.errors import RefusedError
from upkeep.report import CLEAN, RED, REFUSED, UNSETTLED, print_nothing, report
from upkeep.update_state import UpdateState


def main(arguments: Sequence[str] | None = None) -> int:
    """Update, resume or undo.

    Returns:
        0 done, 1 nothing changed, 2 a person has to look at something, 3 gates failed.
    """
    options = parse(arguments)
    # Ends Copier together with this process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        preconditions.check_repository()
        if options.undo:
            return undo()
        return resume(options) if options.resume else start(options)
    except RefusedError as error:
        print(f"update: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        unfinished = preconditions.under_way()
        problem = f"interrupted; {unfinished or 'nothing changed'}"
        print(f"update: {problem}", file=sys.stderr)
        return UNSETTLED if unfinished else REFUSED


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="update", description=__doc__)
    add = parser.add_argument
    add("--to", metavar="RELEASE", help="this release, not the newest")
    add(
        "--data",
        action="append",
        default=[],
        metavar="NAME=ANSWER",
        help="another answer",
    )
    no_gates = f"merge only: no {', '.join(gates.TARGETS)}"
    add("--no-gates", action="store_true", help=no_gates)
    add("--json", action="store_true", help="print what is left to do as JSON")
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--resume", action="store_true", help="continue: conflicts are settled"
    )
    way.add_argument("--undo", action="store_true", help="restore what was there")
    return parser.parse_args(arguments)


def start(options: argparse.Namespace) -> int:
    """Begin an update of a project in which everything is committed."""
    if wrong := [pair for pair in options.data if "=" not in pair]:
        raise RefusedError(f"--data {wrong[0]}: write NAME=ANSWER")
    arguments = [f"--data={pair}" for pair in options.data]
    arguments += [f"--vcs-ref={options.to}"] if options.to else []
    return carry_out(options, arguments)


def carry_out(options: argparse.Namespace, arguments: list[str]) -> int:
    """Merge and finish; all that can be refused is refused before."""
    origin = preconditions.origin()
    if not options.to and (newest := is_ahead(origin)):
        print_nothing(options, origin.release, f"{origin.release} follows {newest}")
        return CLEAN
    before = baseline.render(origin)
    preconditions.check_visible({*before})
    names = {*before} | baseline.template_files()
    state = update_state.begin(origin.release, arguments, names)
    return finish(options, state, merge(state, origin.source, before))


def is_ahead(origin: Origin) -> str:
    """Return the newest release if the project has a later commit, or nothing."""
    newest = baseline.newest(origin.source)
    last, own = notes.version(newest), notes.version(origin.release)
    return newest if last and own and own > last else ""


def merge(state: UpdateState, source: str, before: baseline.Tree) -> Conflicts:
    """Let Copier merge; if it fails, everything is restored."""
    after: baseline.Tree = {}
    versioned: list[str] = []
    try:
        baseline.copier(
            source,
            *(
                "update",
                "--defaults",
                "--skip-answered",
                "--quiet",
                "--conflict=inline",
            ),
            *state.arguments,
            ".",
        )
        check_asked(state.arguments)
        if git.dirty() and answers.NAME not in conflicts.find().unmerged:
            after = baseline.render(answers.parse(answers.FILE.read_text("utf-8")))
            versioned = versions.merge(before, after)
    except RefusedError:
        update_state.undo(state)
        raise
    state.reach("merged")
    lost = conflicts.lost(before, after, update_state.kept())
    return replace(conflicts.find(), lost=[it for it in lost if it not in versioned])


def check_asked(arguments: list[str]) -> None:
    """Refuse answers to questions that the release does not ask: Copier drops them."""
    names = [one.split("=")[1] for one in arguments if one.startswith("--data=")]
    if not names:
        return
    asked = answers.parse(answers.FILE.read_text(encoding="utf-8")).answers
    if unknown := [name for name in names if name not in asked]:
        raise RefusedError(
            f"--data: {', '.join(unknown)} is not asked here; what is: "
            + ", ".join(asked)
        )


def resume(options: argparse.Namespace) -> int:
    """Continue at the last stage; a merge that was killed begins again."""
    state = update_state.read()
    if state is None or state.stage == "finished":
        raise RefusedError("there is no update to go on with: make update")
    if state.stage == "undoing":
        raise RefusedError(preconditions.under_way())
    if state.stage == "merging":
        update_state.restore(state)
        return carry_out(options, state.arguments)
    # Deleted files were reported before; a second time is for what is still open.
    return finish(options, state, conflicts.find())


def finish(options: argparse.Namespace, state: UpdateState, found: Conflicts) -> int:
    """Lock, install and check if nothing is left to settle; print the report."""
    leftovers.remove()
    unchanged = answers.NAME not in git.changed(since=state.commit)
    new = answers.release(answers.FILE.read_text(encoding="utf-8"))
    if not git.dirty() and unchanged:
        print_nothing(options, new, "this is the release that the project has")
        update_state.close()
        return CLEAN
    code = UNSETTLED if found else CLEAN
    if not found and not options.no_gates:
        code = CLEAN if gates.run() else RED
    print(report(options, state, new, found, code))
    if code == CLEAN:
        state.reach("finished")
    return code


def undo() -> int:
    """Restore what was there before the update."""
    state = update_state.read()
    if state is None or not (git.dirty() or state.stage == "undoing"):
        raise RefusedError("there is no update to undo")
    update_state.undo(state)
    print(
        "Everything is as it was. What was undone: git diff HEAD"
        f" {update_state.UNDONE}"
    )
    return CLEAN
