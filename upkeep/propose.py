"""Commits an update to the newest release on a branch of its own, for review."""

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from upkeep import answers, git, report, update
from upkeep.errors import RefusedError
from upkeep.update_state import IDENTITY

BRANCH = "template-update"
TITLES = {
    report.CLEAN: "Template {}",
    report.UNSETTLED: "Template {}: conflicts to settle",
    report.RED: "Template {}: gates to mend",
}


def main(arguments: Sequence[str] = ()) -> int:
    """Update and commit. Returns 0, or 1 if it was refused."""
    try:
        if is_waiting():
            print(f"{BRANCH} waits for review: merge it, or delete the branch")
            return 0
        git.content("switch", "--quiet", "--create", BRANCH)
        return propose(arguments)
    except RefusedError as error:
        print(f"propose: {error}", file=sys.stderr)
        return 1


def is_waiting() -> bool:
    """Return whether the last proposal still exists: people may have worked on it."""
    asked = git.attempt("ls-remote", "--exit-code", "--heads", "origin", BRANCH)
    # git ls-remote ends with 2 when it finds nothing.
    if asked.returncode not in (0, 2):
        raise RefusedError(f"git ls-remote: {asked.stderr.decode().strip()}")
    return asked.returncode == 0


def propose(arguments: Sequence[str]) -> int:
    """Update; its report becomes the message of the commit, and of the request."""
    with redirect_stdout(io.StringIO()) as written:
        code = update.main(arguments)
    print(written.getvalue())
    if code == report.REFUSED:
        return code
    if git.dirty():
        release = answers.release(answers.FILE.read_text(encoding="utf-8"))
        message = f"{TITLES[code].format(release)}\n\n{written.getvalue()}"
        git.content("add", "--all", "--", ".")
        quiet = ("--quiet", "--no-verify", "--cleanup=whitespace")
        git.content("commit", *quiet, "--message", message, env=IDENTITY)
    return 0
