"""Build images and run containers with podman, without a daemon or a registry."""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client, HTTPError

from extensions.questions import ROOT
from tests.support.commands import Completed, run
from tests.support.image_storage import variables

# Read-only, without capabilities: writable paths must be mounts.
SEALED = (
    *("--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp"),
    *("--cap-drop=all", "--security-opt=no-new-privileges"),
)
SECONDS = 60.0


@dataclass(frozen=True)
class Engine:
    """podman with a storage of its own."""

    folder: Path

    def run(
        self,
        *command: str | Path,
        cwd: Path = ROOT,
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a command with this storage and return its result."""
        return run(command, cwd, {**variables(self.folder), **(env or {})})

    def podman(self, *arguments: str) -> str:
        """Run podman, which must succeed, and return its output."""
        completed = self.run("podman", *arguments)
        assert (
            completed.returncode == 0
        ), f"podman {arguments[0]} failed: {completed.stderr}"
        return completed.stdout.strip()

    def build(self, project: Path, name: str, *options: str) -> str:
        """Build the image of a project as `make image` does; return the output."""
        plain = ("--pull=never", "--network=host", "--layers", f"--tag={name}")
        completed = self.run("podman", "build", *plain, *options, ".", cwd=project)
        assert completed.returncode == 0, completed.stderr
        return completed.stdout + completed.stderr

    def start(self, image: str, name: str, *options: str) -> "Container":
        """Start a locked-down container of a service on a free port."""
        port = free_port()
        publish = f"--publish=127.0.0.1:{port}:8000"
        line = (*SEALED, f"--name={name}", publish, *options, image)
        self.podman("run", "--detach", *line)
        return Container(self, name, f"http://127.0.0.1:{port}")

    def once(self, image: str, options: Sequence[str], *command: str) -> Completed:
        """Run a command in a locked-down container to its end."""
        return self.run("podman", "run", "--rm", *SEALED, *options, image, *command)

    def left(self, of: str) -> list[str]:
        """Return the names of the containers, volumes and networks with a label."""
        names = [
            self.podman("ps", "--all", "--format={{.Names}}"),
            self.podman("volume", "ls", "--format={{.Name}}"),
            self.podman("network", "ls", "--format={{.Name}}"),
        ]
        return [name for name in "\n".join(names).splitlines() if of in name]

    def close(self) -> None:
        """Stop all containers and unmount the storage, so that it can be deleted."""
        self.podman("rm", "--all", "--force", "--time=0")
        self.podman("image", "unmount", "--all", "--force")


@dataclass(frozen=True)
class Container:
    """A running container of a service."""

    engine: Engine
    name: str
    url: str

    def answers(self, path: str) -> bool:
        """Poll a path until it returns 200; return whether it did."""
        with Client(base_url=self.url) as client:
            return until(lambda: client.get(path).status_code == 200)

    def logs(self) -> str:
        """Return the output of the container."""
        completed = self.engine.run("podman", "logs", self.name)
        return completed.stdout + completed.stderr

    def healthy(self) -> bool:
        """Run the health check of the image."""
        return (
            self.engine.run("podman", "healthcheck", "run", self.name).returncode == 0
        )

    def stop(self) -> tuple[float, int]:
        """Stop the container as a platform does; return seconds and exit status."""
        begin = time.monotonic()
        self.engine.podman("stop", "--time=30", self.name)
        seconds = time.monotonic() - begin
        status = self.engine.podman(
            "inspect", "--format={{.State.ExitCode}}", self.name
        )
        return seconds, int(status)


def free_port() -> int:
    """Return a port that is not in use."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until(condition: Callable[[], bool]) -> bool:
    """Poll a condition; a failed connection counts as false."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if condition():
                return True
        except HTTPError:
            pass
        time.sleep(0.05)
    return False


def close_engine(shared: Path) -> None:
    """Stop all containers of this run."""
    if (shared / "containers.done").exists():
        Engine(shared / "containers").close()
