"""Finds the line of a command's output that tells why it failed."""

import re

from extensions.commands import Done, last_line, shown

# The line of make below the output of a target that failed.
MAKE = re.compile(r"(?m)^g?make(?:\[\d+\])?: \*\*\* .*$")
TARGET = re.compile(r"\*\*\* \[(?:[^\]]*: )?([\w./-]+)\]")
# A project's `make lint` prints each failed gate like this, after a list of all.
GATE = re.compile(r"(?ms)^\$ ([^\n]+)\n(.*?)(?=^\$ |^To fix it: |\Z)")
FINDING = re.compile(r"(?i)^(?:E +)?[\w.]* ?error\b|^FAIL|\berror:|not found|fatal:")
GIT = re.compile(r"^(?:fatal|error|remote): *|^ ! ")
LONGEST = 300


def of_gates(output: str) -> str:
    """Return the own words of the first gate that failed."""
    failure = MAKE.search(output)
    section = output[: failure.start()] if failure else output
    target = TARGET.search(failure[0]) if failure else None
    name = f"{target[1]}: " if target else ""
    if listed := GATE.search(section):
        command, section = listed.groups()
        lines = [line.strip() for line in section.splitlines() if line.strip()]
        found = next(filter(FINDING.search, lines), lines[0] if lines else "no output")
        return shown(f"{name}{command}: {found}")[:LONGEST]
    lines = [line.strip() for line in section.splitlines() if line.strip()]
    found = next(filter(FINDING.search, lines), last_line(section))
    return shown(f"{name}{found or 'no output'}")[:LONGEST]


def of_git(done: Done) -> str:
    """Return why git failed: what the remote wrote, or the first error."""
    lines = [line for line in done.errors.splitlines() if GIT.match(line)]
    told = [line for line in lines if line.startswith(("remote: ", " ! "))]
    words = [GIT.sub("", line).strip() for line in told or lines[:1]]
    return shown("; ".join(filter(None, words))[:LONGEST]) or done.last
