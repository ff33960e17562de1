"""Run compose files with podman-compose, in the order of their dependencies."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

from extensions.questions import ROOT
from tests.support.commands import Completed
from tests.support.containers import Container, Engine, free_port, until

PODMAN_COMPOSE = ROOT / ".venv/bin/podman-compose"


@dataclass(frozen=True)
class Composition:
    """A compose file of a project and its environment variables."""

    engine: Engine
    project: Path
    file: str
    variables: dict[str, str]
    name: str = field(default_factory=lambda: f"test-{uuid4().hex[:8]}")

    def run(self, *arguments: str) -> Completed:
        """Run podman-compose and return its result."""
        named = ("--file", self.file, "--project-name", self.name)
        line = (*named, *arguments)
        return self.engine.run(
            PODMAN_COMPOSE, *line, cwd=self.project, env=self.variables
        )

    def succeed(self, *arguments: str) -> str:
        """Run podman-compose, which must succeed, and return its output."""
        completed = self.run(*arguments)
        assert completed.returncode == 0, completed.stdout + completed.stderr
        return completed.stdout

    def container(self, service: str) -> str:
        """Return the ID of the container of a service."""
        [found] = [
            name
            for name in self.engine.left(self.name)
            if re.fullmatch(f"{self.name}[-_]{service}[-_]1", name)
        ]
        return found

    def healthy(self, service: str) -> bool:
        """Run the health check of a service, which an engine would run periodically."""
        line = ("podman", "healthcheck", "run", self.container(service))
        return self.engine.run(*line).returncode == 0

    @contextmanager
    def up(self, *healthy: str) -> Iterator[Container]:
        """Start services, migration and service in order; remove all at the end."""
        port = free_port()
        self.variables["PORT"] = str(port)
        try:
            self.succeed("build")
            for service in healthy:
                self.succeed("up", "--detach", service)
                assert until(partial(self.healthy, service)), service
            self.succeed("run", "--rm", "--no-deps", "migrate")
            self.succeed("up", "--detach", "--no-deps", "api")
            name = self.container("api")
            yield Container(self.engine, name, f"http://127.0.0.1:{port}")
        finally:
            self.succeed("down", "--volumes")
