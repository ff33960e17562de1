"""Pushes the branch of an update, and never overwrites commits of people there."""

import os
import re
from pathlib import Path

from extensions.commands import Commands, last_line
from extensions.fleet import source
from extensions.fleet.plan import Plan, branch_of
from extensions.fleet.result import Result
from extensions.refusals import RefusalError

# Marks a commit of the fleet; it no longer matches the tree of an amended commit.
SIGN = "Template-tree:"


def message(project: Path, result: Result, commands: Commands) -> str:
    """Return the message of the commit, with the hash of its tree."""
    tree = commands.need(["git", "write-tree"], project)
    subject = f"Update the template from {result.before} to {result.after}"
    return f"{subject}\n\n{SIGN} {tree}"


def wanted(result: Result, plan: Plan) -> bool:
    """Return whether the branch is to be pushed, or its request to be opened."""
    if result.state != "updated" or not (plan.push or plan.push_ungated):
        return False
    return not result.pushed or bool(plan.propose and not result.link)


def publish(clone: Path, plan: Plan, result: Result, commands: Commands) -> None:
    """Push the branch, and run the command that opens a merge request."""
    result.unpushed = ""
    if result.gates != "pass" and not plan.push_ungated:
        result.unpushed = "no gates ran on it: see --push-ungated"
        return
    try:
        if not result.pushed:
            _push(clone, result, commands)
            result.pushed = True
        if plan.propose:
            result.link = _propose(clone, plan, commands)
    except RefusalError as refusal:
        result.unpushed = str(refusal)


def _push(clone: Path, result: Result, commands: Commands) -> None:
    """Push the commit on which the gates ran. Raises RefusalError."""
    name = f"refs/heads/{result.branch}"
    update = result.update or source.git(commands, clone, "rev-parse", name)
    seen = _seen(clone, result.branch, update, commands)
    if seen and _content(clone, seen, commands) == _content(clone, update, commands):
        return  # Pushed before: a new commit would only start its pipeline again.
    lease = f"--force-with-lease={name}:{seen}"
    source.git(commands, clone, "push", "--quiet", lease, "origin", f"{update}:{name}")


def _content(clone: Path, commit: str, commands: Commands) -> str:
    """Return the tree and the parent of a commit."""
    return source.git(commands, clone, "log", "-1", "--format=%T %P", commit)


def _propose(clone: Path, plan: Plan, commands: Commands) -> str:
    """Run the command of the caller. Returns the link that it prints."""
    done = commands.run(["bash", "-c", plan.propose], clone, os.environ)
    if done.code:
        raise RefusalError(f"pushed, but not proposed: {done.last}")
    return last_line(done.output)


def request(clone: Path, plan: Plan, result: Result, commands: Commands) -> None:
    """Ask for the state of the request on the branch of the update."""
    environment = os.environ | {"FLEET_BRANCH": branch_of(result.folder)}
    try:
        done = commands.run(["bash", "-c", plan.requests], clone, environment)
    except RefusalError as refusal:
        result.request = f"not known: {refusal}"
        return
    state = last_line(done.output).lower()
    result.request = f"not known: {done.last}" if done.code else state


def _seen(clone: Path, branch: str, update: str, commands: Commands) -> str:
    """Return the pushed commit that may be replaced: none, or an unchanged one."""
    reference = f"refs/heads/{branch}"
    if not source.git(commands, clone, "ls-remote", "origin", reference):
        return ""
    source.git(commands, clone, "fetch", "--quiet", "origin", reference)
    show = ["git", "log", "--format=%H %T%n%B", f"{update}^..FETCH_HEAD"]
    text = commands.need(show, clone)
    commits = re.findall(r"(?m)^([0-9a-f]{40,64}) ([0-9a-f]{40,64})$", text)
    if len(commits) == 1 and f"{SIGN} {commits[0][1]}" in text:
        return str(commits[0][0])
    if not commits:  # Merged already, or the branch has not begun.
        return commands.need(["git", "rev-parse", "FETCH_HEAD"], clone)
    raise RefusalError(f"{branch} has commits of others: merge it, or delete it")
