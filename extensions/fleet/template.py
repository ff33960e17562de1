"""Asks Copier about a project, and lets it update one."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from extensions.commands import Commands
from extensions.refusals import RefusalError
from extensions.rendering import ANSWERS_FILE

COPIER = [sys.executable, "-m", "copier"]
RECORD = ("_commit", "_src_path")
# What every release has asked: the answers of another template have not all of it.
ASKED = ("project_name", "project_slug", "python_version")


def origin(project: Path, commands: Commands) -> dict[str, Any] | None:
    """Read where a project comes from; None says that it is none of this template."""
    file = project / ANSWERS_FILE
    if not file.is_file():
        # A file that was deleted is still in the history: this is a project of ours.
        log = ["git", "log", "-1", "--format=%h", "--", ANSWERS_FILE]
        if commit := commands.need(log, project):
            raise RefusalError(
                f"{ANSWERS_FILE} is lost: git checkout {commit}~ -- {ANSWERS_FILE}"
            )
        return None
    try:
        recorded = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeError) as error:
        raise RefusalError(f"{ANSWERS_FILE} can not be read as YAML") from error
    if not isinstance(recorded, dict) or not all(map(recorded.get, RECORD)):
        raise RefusalError(f"{ANSWERS_FILE} does not say {' and '.join(RECORD)}")
    return recorded if all(name in recorded for name in ASKED) else None


def pristine(recorded: dict[str, Any], place: Path, commands: Commands) -> Path:
    """Render what the project was before anybody edited it."""
    answers = place / "answers.yml"
    given = {name: one for name, one in recorded.items() if not name.startswith("_")}
    answers.write_text(yaml.safe_dump(given), encoding="utf-8")
    options = ["--defaults", "--quiet", f"--data-file={answers}"]
    release = f"--vcs-ref={recorded['_commit']}"
    source, destination = str(recorded["_src_path"]), place / "pristine"
    commands.need([*COPIER, "copy", *options, release, source, destination], place)
    return destination


class Releases:
    """Knows after which releases there are newer ones; asks about each only once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._asked: dict[tuple[str, str], bool] = {}

    def newer(
        self, source: str, release: str, project: Path, commands: Commands
    ) -> bool:
        """Say whether there is something to update to."""
        if (source, release) not in self._asked:
            check = [*COPIER, "check-update", "--output-format=json"]
            answer = json.loads(commands.need(check, project))
            self._asked[source, release] = bool(answer["update_available"])
        return self._asked[source, release]


def update(project: Path, to: str, commands: Commands) -> str:
    """Bring the newest release, or that one; give its name. Conflicts do not raise."""
    options = ["--defaults", "--skip-answered", "--quiet"]
    release = [f"--vcs-ref={to}"] if to else []
    commands.need([*COPIER, "update", *options, *release], project)
    # What the update wrote may be in conflict; where it is from stands on one line.
    text = (project / ANSWERS_FILE).read_text(encoding="utf-8")
    found = [line for line in text.splitlines() if line.startswith("_commit:")]
    return found[-1].partition(":")[2].strip() if found else to
