"""Puts the newest release on a branch of its own: `python -m upkeep.propose`."""

import io
import sys
from contextlib import redirect_stdout

from upkeep import answers, git, update
from upkeep.git import RefusedError
from upkeep.update_state import NOBODY

BRANCH = "template-update"
TITLES = {
    update.CLEAN: "Template {}",
    update.UNSETTLED: "Template {}: conflicts to settle",
    update.RED: "Template {}: gates to mend",
}


def main() -> int:
    """Commit what an update gives, for review. 1: it was refused."""
    try:
        if waits():
            print(f"{BRANCH} waits for review: merge it, or delete the branch")
            return 0
        git.content("switch", "--quiet", "--create", BRANCH)
        return propose()
    except RefusedError as error:
        print(f"propose: {error}", file=sys.stderr)
        return 1


def waits() -> bool:
    """Say whether the last proposal is still there: people may have worked on it."""
    asked = git.attempt("ls-remote", "--exit-code", "--heads", "origin", BRANCH)
    # 2 is nothing found.
    if asked.returncode not in (0, 2):
        raise RefusedError(f"git ls-remote: {asked.stderr.decode().strip()}")
    return asked.returncode == 0


def propose() -> int:
    """Update; its report is the message of the commit, and so of the request."""
    with redirect_stdout(io.StringIO()) as report:
        code = update.main([])
    print(report.getvalue())
    if code == update.REFUSED:
        return code
    if git.dirty():
        release = answers.release(answers.FILE.read_text(encoding="utf-8"))
        message = f"{TITLES[code].format(release)}\n\n{report.getvalue()}"
        git.content("add", "--all", "--", ".")
        quiet = ("--quiet", "--no-verify", "--cleanup=whitespace")
        git.content("commit", *quiet, "--message", message, env=NOBODY)
    return 0


if __name__ == "__main__":
    sys.exit(main())
