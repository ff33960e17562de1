"""Brings a compose file up with podman, in the order that it asks for."""

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
    """A compose file of a project, and the variables that it is given."""

    engine: Engine
    project: Path
    file: str
    variables: dict[str, str]
    name: str = field(default_factory=lambda: f"test-{uuid4().hex[:8]}")

    def tell(self, *arguments: str) -> Completed:
        """Run podman-compose, whatever its exit code."""
        named = ("--file", self.file, "--project-name", self.name)
        line = (*named, *arguments)
        return self.engine.tell(
            PODMAN_COMPOSE, *line, cwd=self.project, env=self.variables
        )

    def succeed(self, *arguments: str) -> str:
        """Run podman-compose, which must succeed."""
        told = self.tell(*arguments)
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    def container(self, service: str) -> str:
        """Find the container of a service."""
        [found] = [
            name
            for name in self.engine.left(self.name)
            if re.fullmatch(f"{self.name}[-_]{service}[-_]1", name)
        ]
        return found

    def healthy(self, service: str) -> bool:
        """Ask the health check of a service, as an engine does again and again."""
        line = ("podman", "healthcheck", "run", self.container(service))
        return self.engine.tell(*line).returncode == 0

    @contextmanager
    def up(self, *healthy: str) -> Iterator[Container]:
        """Bring it up: what must be healthy, the migration, the service; then down."""
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
