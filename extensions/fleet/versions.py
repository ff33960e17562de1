"""Reads which release each project has; nothing is cloned, updated or checked."""

from extensions.fleet import source, template
from extensions.fleet.listing import Repository
from extensions.fleet.plan import Plan
from extensions.fleet.result import Result
from extensions.fleet.session import Steps, guarded
from extensions.fleet.template import Releases
from extensions.fleet.visit import begin
from extensions.refusals import RefusalError
from extensions.rendering import ANSWERS_FILE

LOG = "versions.txt"


def read(repository: Repository, plan: Plan, releases: Releases) -> Result:
    """Read the release of a project from its answers."""
    result = begin(repository, plan)
    commands = Steps(plan.work / LOG, plan.limit, plan.hidden)

    def step() -> None:
        new = source.tip(repository, plan.work, commands)
        store = source.objects(repository, new, plan.work, commands)
        name = f"{repository.folder}/{ANSWERS_FILE}".lstrip("/")
        shown = commands.run(
            ["git", "-C", store, "show", f"{new.commit}:{name}"], plan.work
        )
        if shown.code:
            template.check_never_there(store, new.commit, name, commands)
        recorded = None if shown.code else template.recorded(shown.output.encode())
        if recorded is None and repository.certain:
            raise RefusalError(f"no project of this template: see its {ANSWERS_FILE}")
        if recorded is None:
            result.state = "foreign"
            return
        result.commit, result.source = new.commit, str(recorded["_src_path"])
        result.before = result.after = str(recorded["_commit"])
        result.newest = plan.to or releases.newest(result.source)
        result.state = (
            "behind" if is_behind(result.before, result.newest) else "current"
        )

    guarded(step, commands, result)
    return result


def is_behind(release: str, newest: str) -> bool:
    """Return whether a release is older; one without a number counts as older."""
    own, last = template.number(release), template.number(newest)
    return last is not None and (own is None or own < last)
