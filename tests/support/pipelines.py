"""Read which commands a project's pipelines and `make check` run."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from extensions.rendering import answers_of
from tests.support.commands import succeed
from tests.support.shared_cache import MANAGERS

GITHUB, GITLAB = ".github/workflows/ci.yaml", ".gitlab-ci.yml"
# Options that only print or report and can not fail a build.
REPORT = re.compile(r" --cov-report=\S+| --quiet")

LOCKED = "locked"
# Runs every static gate of standards/gates.yml.
LINT = "python -m standards.report --lint"
# Accepts waived findings of the gate before it, and runs no gate.
WAIVED = re.compile(r" \|\| (\$WAIVED|.*--waived) \S+$")


def load(project: Path, name: str) -> dict[str, Any]:
    """Read a pipeline. YAML 1.1 reads the key `on` as a boolean."""
    return dict(yaml.safe_load((project / name).read_text(encoding="utf-8")))


def written(project: Path) -> list[Path]:
    """Return the pipeline files of a project on GitHub or GitLab."""
    gitlab = project / GITLAB
    workflows = sorted((project / GITHUB).parent.glob("*"))
    return workflows + [gitlab] * gitlab.exists()


def manager(project: Path) -> dict[str, str]:
    """Return the commands of the project's package manager."""
    return dict(MANAGERS[answers_of(project)["package_manager"]])


def jobs(pipeline: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the jobs of a GitLab pipeline, `extends` resolved."""

    def whole(job: dict[str, Any]) -> dict[str, Any]:
        above = pipeline[job["extends"]] if "extends" in job else {}
        return (whole(above) if above else {}) | job

    return {
        name: whole(job)
        for name, job in pipeline.items()
        if name != "default" and not name.startswith(".")
    }


def commands(project: Path) -> Iterator[str]:
    """Yield the commands that run for a change, on GitHub or GitLab."""
    if (project / GITHUB).exists():
        for job in load(project, GITHUB)["jobs"].values():
            yield from (step["run"] for step in job["steps"] if "run" in step)
    if (project / GITLAB).exists():
        for job in jobs(load(project, GITLAB)).values():
            if "merge_request_event" in str(job["rules"]):
                yield from job["script"]


def gates(lines: Iterable[str], run: str) -> set[str]:
    """Find what the lines run in the environment, reports and waivers aside."""
    found = {WAIVED.sub("", line) for line in lines if run in line}
    return {REPORT.sub("", line.split(run, 1)[1]) for line in found}


def spelled_out(found: set[str], project: Path) -> set[str]:
    """Replace the command that runs the static gates by these gates."""
    if LINT not in found:
        return found
    data = yaml.safe_load((project / "standards/gates.yml").read_text("utf-8"))
    static = [gate["command"] for gate in data.values() if "kind" not in gate]
    return found - {LINT} | gates(static, manager(project)["tool"])


def pipeline_gates(project: Path) -> set[str]:
    """Return the gates of a pipeline; tests count only with their coverage."""
    found = gates(commands(project), manager(project)["run"])
    return spelled_out(found, project) - {"pytest"}


def make_commands(project: Path) -> list[str]:
    """Return the commands of `make check`, LOCKED before every locked tool."""
    printed = succeed(["make", "--dry-run", "check", f"RUN={LOCKED}"], project)
    lines = printed.replace("\\\n", "").splitlines()
    # make checks first that the environment exists.
    return [line for line in lines if not re.match(r"(make|test)\b", line)]


def make_gates(project: Path) -> set[str]:
    """Return the gates of `make check` without running them."""
    return spelled_out(gates(make_commands(project), f"{LOCKED} "), project)
