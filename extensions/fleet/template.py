"""Runs Copier and the update tools of this clone in a project."""

import json
import re
import sys
import threading
from pathlib import Path
from typing import Any

import yaml

from extensions.commands import Commands
from extensions.questions import ROOT
from extensions.refusals import RefusalError
from extensions.rendering import ANSWERS_FILE
from upkeep import baseline, notes
from upkeep.errors import RefusedError

COPIER = [sys.executable, "-m", "copier"]
TOOLS = ROOT / "upkeep"
RECORD = ("_commit", "_src_path")
# A release, or a commit after it.
RELEASE = re.compile(r"v?\d+\.\d+\.\d+(-\d+-g[0-9a-f]+)?")
# Questions of every release; answers to another template lack some of them.
ASKED = ("project_name", "project_slug", "python_version")


def origin(project: Path, commands: Commands) -> dict[str, Any] | None:
    """Return the recorded answers, or None for a project of another template."""
    file = project / ANSWERS_FILE
    if not file.is_file():
        check_never_there(project, "HEAD", ANSWERS_FILE, commands)
        return None
    return recorded(file.read_bytes())


def check_never_there(
    repository: Path, commit: str, file: str, commands: Commands
) -> None:
    """Raise RefusalError if a file in the history was deleted: its project has lost it.

    A repository that never had the file is no project of the template.
    """
    log = ["git", "log", "-1", "--format=%h", commit, "--", file]
    if last := commands.need(log, repository):
        raise RefusalError(f"{file} is lost: git checkout {last}~ -- {file}")


def recorded(text: bytes) -> dict[str, Any] | None:
    """Read recorded answers; None for those to another template."""
    try:
        answers = yaml.safe_load(text.decode("utf-8"))
    except (yaml.YAMLError, UnicodeError) as error:
        raise RefusalError(f"{ANSWERS_FILE} can not be read as YAML") from error
    if not isinstance(answers, dict) or not all(map(answers.get, RECORD)):
        raise RefusalError(f"{ANSWERS_FILE} does not say {' and '.join(RECORD)}")
    return answers if all(name in answers for name in ASKED) else None


def number(release: str) -> tuple[int, ...] | None:
    """Return what releases are ordered by; None for a commit or a release candidate."""
    return notes.version(release) if RELEASE.fullmatch(release) else None


class Releases:
    """Knows the newest releases; asks once for each template and release."""

    def __init__(self) -> None:
        """Begin with an empty cache."""
        self._asked: dict[tuple[str, str], bool] = {}
        self._newest: dict[str, str] = {}
        self._lock = threading.Lock()

    def newer(
        self, source: str, release: str, project: Path, commands: Commands
    ) -> bool:
        """Return whether there is a newer release."""
        own, last = number(release), number(self.newest(source))
        if own and last:
            return own < last
        # Copier knows how a commit without a release compares.
        if (source, release) not in self._asked:
            check = [*COPIER, "check-update", "--output-format=json"]
            answer = json.loads(commands.need(check, project))
            self._asked[source, release] = bool(answer["update_available"])
        return self._asked[source, release]

    def newest(self, source: str) -> str:
        """Return the newest release of a template, or nothing. Raises RefusalError."""
        with self._lock:
            if source not in self._newest:
                try:
                    self._newest[source] = baseline.newest(source)
                except RefusedError as error:
                    raise RefusalError(f"{source}: {error}") from error
            return self._newest[source]


def drift(project: Path, commands: Commands) -> list[str]:
    """Return the files that deviate from the release, without the allowed ones."""
    output = run_tools(project, commands, "drift", "--json")
    return [one["path"] for one in output["deviations"] if not one["reason"]]


def update(project: Path, to: str, commands: Commands) -> dict[str, Any]:
    """Merge the newest release, or that one. Returns what is left to do."""
    release = [f"--to={to}"] if to else []
    return run_tools(project, commands, "update", "--no-gates", "--json", *release)


def run_tools(project: Path, commands: Commands, *arguments: str) -> dict[str, Any]:
    """Run the update tools of this clone in a project. Raises RefusalError."""
    done = commands.run([sys.executable, TOOLS, *arguments], project)
    # A refusal has the same exit code as a deviation, but no output.
    if not done.output:
        raise RefusalError(done.last)
    return dict(json.loads(done.output))
