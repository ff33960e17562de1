"""Pushes the branch of an update, and never overwrites commits of people there."""

import os
import re
from pathlib import Path

from extensions.commands import Commands, last_line
from extensions.fleet.plan import Plan
from extensions.fleet.result import Result
from extensions.refusals import RefusalError

# Marks a commit of the fleet; it no longer matches the tree of an amended commit.
SIGN = "Template-tree:"


def message(project: Path, result: Result, commands: Commands) -> str:
    """Return the message of the commit, with the hash of its tree."""
    tree = commands.need(["git", "write-tree"], project)
    subject = f"Update the template from {result.before} to {result.after}"
    return f"{subject}\n\n{SIGN} {tree}"


def publish(clone: Path, plan: Plan, result: Result, commands: Commands) -> None:
    """Push the branch, and run the command that opens a merge request."""
    seen = _seen(clone, result.branch, commands)
    lease = f"--force-with-lease={result.branch}:{seen}"
    push = ["git", "push", "--quiet", lease, "origin", f"HEAD:{result.branch}"]
    commands.need(push, clone)
    result.pushed = True
    if plan.propose:
        done = commands.run(["bash", "-c", plan.propose], clone, os.environ)
        if done.code:
            raise RefusalError(f"pushed, but not proposed: {done.last}")
        result.link = last_line(done.output)


def _seen(clone: Path, branch: str, commands: Commands) -> str:
    """Return the pushed commit that may be replaced: none, or an unchanged one."""
    reference = f"refs/heads/{branch}"
    if not commands.need(["git", "ls-remote", "origin", reference], clone):
        return ""
    commands.need(["git", "fetch", "--quiet", "origin", reference], clone)
    show = ["git", "log", "--format=%H %T%n%B", "HEAD^..FETCH_HEAD"]
    text = commands.need(show, clone)
    commits = re.findall(r"(?m)^([0-9a-f]{40,64}) ([0-9a-f]{40,64})$", text)
    if len(commits) == 1 and f"{SIGN} {commits[0][1]}" in text:
        return str(commits[0][0])
    if not commits:  # Merged already, or the branch has not begun.
        return commands.need(["git", "rev-parse", "FETCH_HEAD"], clone)
    raise RefusalError(f"{branch} has commits of others: merge it, or delete it")
