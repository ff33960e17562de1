"""Visits one repository: clone, compare, update, commit, gates."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from extensions.commands import shown
from extensions.fleet import gates, source, template
from extensions.fleet.listing import Repository
from extensions.fleet.plan import Plan, branch_of
from extensions.fleet.push import message
from extensions.fleet.result import Result, kept
from extensions.fleet.session import Steps, guarded
from extensions.fleet.source import Tip
from extensions.fleet.template import Releases
from extensions.refusals import RefusalError
from extensions.rendering import ANSWERS_FILE


def visit(repository: Repository, plan: Plan, releases: Releases) -> Result:
    """Visit a repository; a failure becomes its result, and does not stop the run."""
    place = (plan.work / repository.name).resolve()
    place.mkdir(parents=True, exist_ok=True)
    commands = Steps(place / "log.txt", plan.limit, plan.hidden)
    earlier = kept(place / "result.json")
    result = begin(repository, plan)
    steps = _Visit(repository, plan, releases, place, result, commands)
    if earlier and earlier.fine and not plan.again and steps.counts(earlier):
        return earlier
    # If the run is killed, this tells the next one that the clone is not complete.
    result.write(place / "result.json")
    commands.log.unlink(missing_ok=True)
    guarded(steps.go, commands, result)
    if result.state != "conflicts":
        guarded(lambda: source.clean(place / "clone", commands), commands, result)
    result.write(place / "result.json")
    return result


def begin(repository: Repository, plan: Plan) -> Result:
    """Return the result of a visit that has begun."""
    result = Result(repository.name, shown(repository.url), repository.folder)
    result.wave, result.options = repository.wave, plan.options
    result.visited = datetime.now(UTC).isoformat(timespec="seconds")
    result.state, result.now = "begun", True
    return result


@dataclass
class _Visit:
    """The steps of a visit; each one writes into the result."""

    repository: Repository
    plan: Plan
    releases: Releases
    place: Path
    result: Result
    commands: Steps

    def counts(self, earlier: Result) -> bool:
        """Return whether a new visit would find the same as the earlier one."""
        try:
            same = earlier.options == self.plan.options
            same = same and earlier.commit == self.tip().commit
            same = same and self.has(earlier)
            if same and earlier.source and not self.plan.to:
                same = earlier.newest == self.releases.newest(earlier.source)
        except RefusalError:
            # The visit ends with the same reason, and reports it.
            return False
        return same

    def has(self, earlier: Result) -> bool:
        """Return whether the clone still has the commit of an update."""
        clone = self.place / "clone"
        if not earlier.branch:
            return True
        if not clone.is_dir():
            return False
        asked = ["git", "rev-parse", f"refs/heads/{earlier.branch}"]
        return self.commands.run(asked, clone).output.strip() == earlier.update

    def tip(self) -> Tip:
        """Ask for the newest commit of the repository."""
        return source.tip(self.repository, self.place, self.commands)

    def go(self) -> None:
        """Run the steps in their order."""
        project = self.clone()
        recorded = template.origin(project, self.commands)
        if recorded is None and not self.repository.certain:
            self.result.state = "foreign"
            return
        if recorded is None:
            raise RefusalError(f"no project of this template: see its {ANSWERS_FILE}")
        self.result.before = self.result.after = str(recorded["_commit"])
        self.result.source = str(recorded["_src_path"])
        # First, because it refuses answers that were edited by hand.
        self.result.drift = template.drift(project, self.commands)
        self.result.compared = True
        self.result.newest = self.releases.newest(self.result.source)
        updated = self.update(project)
        self.result.waived = gates.waived(project)
        if not (self.result.conflicts or self.result.lost):
            self.judge(project, updated)

    def clone(self) -> Path:
        """Clone the repository; the source itself is only read."""
        url, clone = self.repository.url, self.place / "clone"
        new = self.tip()
        self.result.commit = new.commit
        source.clone(self.repository, new, self.plan.work, clone, self.commands)
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

    def update(self, project: Path) -> bool:
        """Update on a branch if there is a newer release. Returns whether it did."""
        release, to = self.result.before, self.plan.to
        new = self.releases.newer(self.result.source, release, project, self.commands)
        if release == to or not (to or new):
            return False
        self.result.branch = branch_of(self.repository.folder)
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
        """Commit the update with its lock, and run the gates on that commit."""
        fine = "updated" if updated else "current"
        if self.plan.gates == "":
            self.commit(project, updated)
            self.result.state = fine
            return
        # Some tools look only at the files that git knows.
        self.commands.need(["git", "add", "--all"], project)
        passed = gates.prepare(project, updated, self.plan, self.result, self.commands)
        self.commit(project, updated)
        passed = passed and self.passes(project, updated)
        self.result.state = fine if passed else "red"

    def passes(self, project: Path, updated: bool) -> bool:
        """Run the gates; if they lock or format, run them on the result as well."""
        arguments = (project, self.plan, self.result, self.commands)
        if not gates.run(*arguments):
            self.commit(project, updated)
            return False
        if updated and self.changes(project):
            self.commit(project, updated)
            if not gates.run(*arguments):
                return False
        if changed := self.changes(project):
            self.result.gates = "fail"
            self.result.note = f"{self.result.command}: it changes {changed}"
        return not changed

    def changes(self, project: Path) -> str:
        """Return the files that are not as they were committed."""
        status = ["git", "status", "--porcelain"]
        lines = self.commands.need(status, project).splitlines()
        return ", ".join(line.split(maxsplit=1)[1] for line in lines[:5])

    def commit(self, project: Path, updated: bool) -> None:
        """Commit all changes of the update; nothing where there is none."""
        if not updated:
            return
        self.commands.need(["git", "add", "--all"], project)
        text = message(project, self.result, self.commands)
        amend = ["--amend"] if self.result.update else []
        commit = ["git", "commit", "--quiet", "--no-verify", f"--message={text}"]
        self.commands.need([*commit, *amend], project)
        head = ["git", "rev-parse", "HEAD"]
        self.result.update = self.commands.need(head, project)
