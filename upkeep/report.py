"""Prints what an update did, and what to type next."""

import argparse
import json
from dataclasses import asdict

from upkeep import changes, gates, git
from upkeep.conflicts import Conflicts
from upkeep.update_state import UpdateState, ending

# The exit codes.
CLEAN, REFUSED, UNSETTLED, RED = range(4)


def report(
    options: argparse.Namespace,
    state: UpdateState,
    new: str,
    found: Conflicts,
    code: int,
) -> str:
    """Return what the update did, and what to type next."""
    if options.json:
        return as_json(new, found)
    steps = next_steps(code, found, new, state, gated=not options.no_gates)
    return f"{changes.page(state, new, found)}\n\n## Next\n\n{steps}"


def print_nothing(options: argparse.Namespace, release: str, reason: str) -> None:
    """Print why there is nothing to do."""
    nothing = f"Nothing to do: {reason}."
    print(as_json(release, Conflicts()) if options.json else nothing)


def as_json(new: str, found: Conflicts) -> str:
    """Return the release and what is left to do, for programs."""
    return json.dumps({"release": new, **asdict(found)}, indent=2)


def next_steps(
    code: int, found: Conflicts, new: str, state: UpdateState, *, gated: bool
) -> str:
    """Return what to type now."""
    commit = f'git add --all && git commit -m "Template {new}"'
    if found.unmerged or found.rejects:
        commit = "settle the lines between <<<<<<< and >>>>>>>, git add each file"
    elif found.lost:
        commit = "take what you still need from the lost edits"
    elif code == RED:
        commit = "mend what the gates found"
    elif not gated:
        return f"    {gates.COMMAND}\n    {commit}"
    elif not git.dirty():
        return "    nothing: the update is committed"
    again = "" if code == CLEAN else f"\n    {ending('--resume')}"
    back = f"\n    {ending('--undo')}    (everything back)"
    began_here = git.line("rev-parse", "HEAD") == state.commit
    return f"    {commit}{again}{back if began_here else ''}"
