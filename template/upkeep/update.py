"""Brings a release of the template, and loses nothing: `python -m upkeep.update`."""

import argparse
import signal
import subprocess  # nosec B404
import sys
from collections.abc import Sequence
from dataclasses import replace

from upkeep import answers, changes, damage, git, journal, pristine, ready, versions
from upkeep.damage import Damage
from upkeep.git import ROOT, RefusedError
from upkeep.journal import Journal

CLEAN, REFUSED, UNSETTLED, RED = range(4)


def main(arguments: Sequence[str] | None = None) -> int:
    """0: done. 1: nothing changed. 2: somebody has to look at it. 3: gates failed."""
    options = parse(arguments)
    # Whoever ends it ends Copier with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        ready.usable()
        if options.undo:
            return undo()
        return resume(options) if options.resume else start(options)
    except RefusedError as error:
        print(f"update: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        way = ready.under_way()
        print(f"update: interrupted; {way or 'nothing changed'}", file=sys.stderr)
        return UNSETTLED if way else REFUSED


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="upkeep.update", description=__doc__)
    parser.add_argument("--to", metavar="RELEASE", help="this one, not the newest")
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="NAME=ANSWER",
        help="another answer",
    )
    parser.add_argument(
        "--no-gates", action="store_true", help="merge only: no lock, install, check"
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--resume", action="store_true", help="go on: conflicts are settled"
    )
    way.add_argument("--undo", action="store_true", help="bring back what was there")
    return parser.parse_args(arguments)


def start(options: argparse.Namespace) -> int:
    """Begin an update, where all is committed."""
    if wrong := [pair for pair in options.data if "=" not in pair]:
        raise RefusedError(f"--data {wrong[0]}: write NAME=ANSWER")
    arguments = [f"--data={pair}" for pair in options.data]
    arguments += [f"--vcs-ref={options.to}"] if options.to else []
    return carry_out(options, arguments)


def carry_out(options: argparse.Namespace, arguments: list[str]) -> int:
    """Merge; everything that can be refused is asked before."""
    origin = ready.origin()
    before = pristine.render(origin)
    page = journal.begin(origin.release, arguments, {*before})
    return finish(options, page, merge(page, origin.source, before))


def merge(page: Journal, source: str, before: pristine.Tree) -> Damage:
    """Let Copier merge; when it fails, nothing has happened."""
    try:
        pristine.copier(
            source,
            *(
                "update",
                "--defaults",
                "--skip-answered",
                "--quiet",
                "--conflict=inline",
            ),
            *page.arguments,
            ".",
        )
        known(page.arguments)
        versions.merge(before)
    except RefusedError:
        journal.undo(page)
        raise
    page.reach("merged")
    return replace(damage.find(), lost=damage.lost(before))


def known(arguments: list[str]) -> None:
    """Refuse answers to what the release that came does not ask: Copier drops them."""
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
    """Go on where it stopped; what was cut off in the middle begins again."""
    page = journal.read()
    if page is None or page.stage == "finished":
        raise RefusedError("there is no update to go on with: make update")
    if page.stage == "undoing":
        raise RefusedError(ready.under_way())
    if page.stage == "merging":
        journal.undo(page)
        return carry_out(options, page.arguments)
    # What was deleted has been told; a second time is for what is still open.
    return finish(options, page, damage.find())


def finish(options: argparse.Namespace, page: Journal, found: Damage) -> int:
    """Lock, install and check when nothing stands in the way; show what came."""
    if not git.dirty() and answers.NAME not in git.changed(since=page.commit):
        print("Nothing to do: this is the release that the project has.")
        journal.close()
        return CLEAN
    code = UNSETTLED if found else CLEAN
    if not found and not options.no_gates:
        code = CLEAN if gates() else RED
    new = answers.release(answers.FILE.read_text(encoding="utf-8"))
    print(changes.page(page, new, found))
    print(f"\n## Next\n\n{advice(code, found, new, page, gated=not options.no_gates)}")
    if code == CLEAN:
        page.reach("finished")
    return code


def gates() -> bool:
    """Lock, install and check as people do; their words go where errors go."""
    for target in ("lock", "install", "check"):
        command = ["make", "--no-print-directory", target]
        if subprocess.call(command, cwd=ROOT, stdout=sys.stderr):  # nosec B603
            print(f"update: make {target} failed", file=sys.stderr)
            return False
    return True


def advice(code: int, found: Damage, new: str, page: Journal, *, gated: bool) -> str:
    """Say what to type now."""
    commit = f'git add --all && git commit -m "Template {new}"'
    if found.conflicts or found.rejects:
        commit = "settle what stands between <<<<<<< and >>>>>>>, git add each of them"
    elif found.lost:
        commit = "take what you still need from the deleted files"
    elif code == RED:
        commit = "mend what the gates found"
    elif not gated:
        return f"    make lock install check\n    {commit}"
    elif not git.dirty():
        return "    nothing: the update is committed"
    again = "" if code == CLEAN else "\n    make update ARGS=--resume"
    back = "\n    make update ARGS=--undo    (everything back)"
    began_here = git.line("rev-parse", "HEAD") == page.commit
    return f"    {commit}{again}{back if began_here else ''}"


def undo() -> int:
    """Bring back what was there."""
    page = journal.read()
    if page is None or not (git.dirty() or page.stage == "undoing"):
        raise RefusedError("there is no update to undo")
    journal.undo(page)
    print(f"Everything is as it was. What was undone: git diff HEAD {journal.UNDONE}")
    return CLEAN


if __name__ == "__main__":
    sys.exit(main())
