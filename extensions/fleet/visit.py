"""Visits one repository: clone, compare, update, gates, commit."""

import shutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from extensions.commands import Commands, shown
from extensions.fleet import gates, template
from extensions.fleet.listing import Repository
from extensions.fleet.plan import BRANCH, Plan
from extensions.fleet.push import message, publish
from extensions.fleet.result import Result, kept
from extensions.fleet.template import Releases
from extensions.refusals import RefusalError
from extensions.rendering import ANSWERS_FILE


def visit(repository: Repository, plan: Plan, releases: Releases) -> Result:
    """Visit a repository; a failure becomes its result, and does not stop the run."""
    place = (plan.work / repository.name).resolve()
    result = kept(place / "result.json")
    if result is None or not result.fine or plan.again:
        result = Result(repository.name, shown(repository.url), repository.folder)
        result.visited = datetime.now(UTC).isoformat(timespec="seconds")
        place.mkdir(parents=True, exist_ok=True)
        steps = _Visit(repository, plan, releases, place, result)
        _guarded(steps.go, place, result)
    if plan.push and result.state == "updated" and not result.pushed:
        commands = Commands(place / "log.txt", plan.limit)
        _guarded(
            lambda: publish(place / "clone", plan, result, commands), place, result
        )
    result.write(place / "result.json")
    return result


def _guarded(step: Callable[[], object], place: Path, result: Result) -> None:
    """Run a step; any failure is recorded in the result."""
    begin = time.monotonic()
    try:
        step()
    except RefusalError as refusal:
        result.state, result.note = "failed", str(refusal)
    except Exception as error:
        reason = traceback.format_exception_only(error)[-1].strip()
        result.state, result.note = "failed", shown(reason)
        Commands(place / "log.txt", 0).note(traceback.format_exc())
    result.seconds = round(result.seconds + time.monotonic() - begin, 1)


@dataclass
class _Visit:
    """The steps of a visit; each one writes into the result."""

    repository: Repository
    plan: Plan
    releases: Releases
    place: Path
    result: Result

    @property
    def commands(self) -> Commands:
        """Return a runner of commands that logs to the file of this visit."""
        return Commands(self.place / "log.txt", self.plan.limit)

    def go(self) -> None:
        """Run the steps in their order."""
        (self.place / "log.txt").unlink(missing_ok=True)
        project = self.clone()
        recorded = template.origin(project, self.commands)
        if recorded is None and not self.repository.certain:
            self.result.state = "foreign"
            return
        if recorded is None:
            raise RefusalError(f"no project of this template: see its {ANSWERS_FILE}")
        self.result.before = self.result.after = str(recorded["_commit"])
        # First, because it refuses answers that were edited by hand.
        self.result.drift = template.drift(project, self.commands)
        updated = self.update(project, str(recorded["_src_path"]))
        if not (self.result.conflicts or self.result.lost):
            self.judge(project, updated)

    def clone(self) -> Path:
        """Clone the repository; the source itself is only read."""
        url, clone = self.repository.url, self.place / "clone"
        if clone.exists():
            shutil.rmtree(clone)
        branch = [f"--branch={it}" for it in [self.repository.branch] if it]
        self.commands.need(
            ["git", "clone", "--quiet", *branch, "--", url, clone], self.place
        )
        if Path(url).is_dir():
            status = ["git", "--no-optional-locks", "status", "--porcelain"]
            if self.commands.run(status, Path(url)).output:
                self.result.note = (
                    "has work that is not committed; the clone is without"
                )
        project = clone / self.repository.folder
        if not project.is_dir():
            raise RefusalError(f"it has no folder {self.repository.folder}")
        return project

    def update(self, project: Path, source: str) -> bool:
        """Update on a branch if there is a newer release. Returns whether it did."""
        release, to = self.result.before, self.plan.to
        new = self.releases.newer(source, release, project, self.commands)
        if release == to or not (to or new):
            return False
        folder = self.repository.folder.replace("/", "-")
        self.result.branch = f"{BRANCH}-{folder}" if folder else BRANCH
        switch = ["git", "switch", "--quiet", "--force-create", self.result.branch]
        self.commands.need(switch, project)
        left = template.update(project, to, self.commands)
        self.result.after = left["release"]
        self.result.conflicts = sorted(left["unmerged"] + left["rejects"])
        self.result.lost = left["lost"]
        if self.result.conflicts or self.result.lost:
            self.result.state = "conflicts"
            self.result.note = "settle them in the project itself: make update"
        return True

    def judge(self, project: Path, updated: bool) -> None:
        """Run the gates, and commit the update with its lock."""
        passed = gates.run(project, updated, self.plan, self.result, self.commands)
        if updated:
            self.commands.need(["git", "add", "--all"], project)
            text = message(project, self.result, self.commands)
            commit = ["git", "commit", "--quiet", "--no-verify", f"--message={text}"]
            self.commands.need(commit, project)
        fine = "updated" if updated else "current"
        self.result.state = fine if passed else "red"
