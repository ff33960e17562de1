"""Run a project's workflows with act; fake actions record their inputs."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from extensions.questions import ROOT
from tests.support.commands import Completed, run, succeed

ACT = ROOT / ".venv/bin/act"
STEP = re.compile(
    r"\[.*/(.+?)\]\s+(?:✅|❌)\s+(Success|Failure) - Main (.+?)(?: \[.*)?$"
)
STAND_IN = "Stand-in"
DIGEST = "sha256:" + "0123456789abcdef" * 4
# Outputs of actions that later steps read.
OUTPUTS = {
    "actions/setup-python": {"python-path": "$(command -v python3.13)"},
    "docker/build-push-action": {"digest": DIGEST},
    "docker/metadata-action": {"tags": "ghcr.io/example/my-service:1.2.3"},
}


@dataclass
class Workflow:
    """A workflow of a project in a repository, and the records of its actions."""

    project: Path
    name: str
    folder: Path
    # Scripts for actions that must do something, by the name of the action.
    bodies: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Return the file of the workflow."""
        return self.project / ".github/workflows" / self.name

    def uses(self) -> Iterator[tuple[str, set[str]]]:
        """Yield each action with all inputs that any step passes to it."""
        found: dict[str, set[str]] = {}
        jobs = yaml.safe_load(self.file.read_text(encoding="utf-8"))["jobs"]
        for step in [step for job in jobs.values() for step in job["steps"]]:
            if "uses" in step:
                found.setdefault(step["uses"], set()).update(step.get("with", {}))
        yield from found.items()

    def stand_in(self, action: str, inputs: set[str]) -> dict[str, Any]:
        """Return a fake action that records its name and its inputs."""
        name = action.partition("@")[0]
        values = {
            f"INPUT_{n}": f"${{{{ inputs.{key} }}}}" for n, key in enumerate(inputs)
        }
        given = [f"{key}=${{INPUT_{n}//$'\\n'/ }}" for n, key in enumerate(inputs)]
        outputs = OUTPUTS.get(name, {})
        lines = [
            f'echo "{" ".join([name, *given])}" >> {self.folder}/noted',
            *[
                f'echo "{key}={text}" >> "$GITHUB_OUTPUT"'
                for key, text in outputs.items()
            ],
            self.bodies.get(name, ""),
        ]
        steps = [
            {
                "id": "it",
                "name": STAND_IN,
                "shell": "bash",
                "run": "\n".join(lines),
                "env": values,
            }
        ]
        passed = {
            key: {"value": f"${{{{ steps.it.outputs.{key} }}}}"} for key in outputs
        }
        declared = {key: {"required": False} for key in inputs}
        runs = {"using": "composite", "steps": steps}
        return {"name": name, "inputs": declared, "outputs": passed, "runs": runs}

    def stand_ins(self) -> Iterator[str]:
        """Write a fake for every action; yield the options with which act uses it."""
        for action, inputs in self.uses():
            name, _, commit = action.partition("@")
            owner, repository, *below = name.split("/")
            place = self.folder / "actions" / repository
            place.joinpath(*below).mkdir(parents=True, exist_ok=True)
            text = yaml.safe_dump(self.stand_in(action, inputs))
            place.joinpath(*below, "action.yml").write_text(text, encoding="utf-8")
            yield f"--local-repository={owner}/{repository}@{commit}={place}"

    def run(self, event: str, payload: Mapping[str, Any] | None = None) -> Completed:
        """Run the workflow for an event on this machine."""
        (self.folder / "event.json").write_text(json.dumps(payload or {}), "utf-8")
        line: list[str | Path] = [
            *(ACT, event, "--workflows", self.file, "--action-offline-mode"),
            *("--platform=ubuntu-latest=-self-hosted", "--secret=GITHUB_TOKEN=token"),
            *("--eventpath", self.folder / "event.json"),
            *self.stand_ins(),
        ]
        path = f"{self.programs()}:{os.environ['PATH']}"
        variables = {"XDG_CACHE_HOME": str(self.folder / "cache"), "PATH": path}
        return run(line, self.project, variables)

    def programs(self) -> Path:
        """Write fakes of the programs of a runner; they record their arguments."""
        place = self.folder / "programs"
        place.mkdir(exist_ok=True)
        note = f'#!/bin/sh\necho "$(basename "$0") $*" >> {self.folder}/noted\n'
        for name in ("gh", "pipx"):
            (place / name).write_text(note, encoding="utf-8")
            (place / name).chmod(0o755)
        return place

    def noted(self) -> list[str]:
        """Return one recorded line for each fake that ran."""
        file = self.folder / "noted"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def steps(completed: Completed) -> list[tuple[str, str, str]]:
    """Return the steps that ran: job, step and outcome."""
    found = [STEP.match(line) for line in completed.stdout.splitlines()]
    return [
        (one[1].strip(), one[3], one[2]) for one in found if one and one[3] != STAND_IN
    ]


def repository(project: Path) -> Path:
    """Create a repository of the project, with a remote."""
    origin = "https://github.com/example/my-service"
    succeed(["git", "init", "--quiet"], project)
    succeed(["git", "remote", "add", "origin", origin], project)
    succeed(["git", "add", "--all"], project)
    succeed(["git", "commit", "--quiet", "--no-verify", "-m", "Start"], project)
    return project
