"""Builds images and runs containers in a storage of its own: no daemon, no registry."""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client, HTTPError

from extensions.questions import ROOT
from tests.support.commands import Completed, run
from tests.support.image_storage import variables

# Nothing can be written, gained or changed; what has to be, is a mount.
SEALED = (
    *("--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp"),
    *("--cap-drop=all", "--security-opt=no-new-privileges"),
)
SECONDS = 60.0


@dataclass(frozen=True)
class Engine:
    """A storage, and podman that works in it."""

    folder: Path

    def tell(
        self,
        *command: str | Path,
        cwd: Path = ROOT,
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a command that works in this storage, whatever its exit code."""
        return run(command, cwd, {**variables(self.folder), **(env or {})})

    def podman(self, *arguments: str) -> str:
        """Run podman, which must succeed, and give what it printed."""
        told = self.tell("podman", *arguments)
        assert told.returncode == 0, f"podman {arguments[0]} failed: {told.stderr}"
        return told.stdout.strip()

    def build(self, project: Path, name: str, *options: str) -> str:
        """Build a project's image as `make image` does, and give what was said."""
        plain = ("--pull=never", "--network=host", "--layers", f"--tag={name}")
        told = self.tell("podman", "build", *plain, *options, ".", cwd=project)
        assert told.returncode == 0, told.stderr
        return told.stdout + told.stderr

    def start(self, image: str, name: str, *options: str) -> "Container":
        """Start a sealed container of a service, which listens on a port of its own."""
        port = free_port()
        publish = f"--publish=127.0.0.1:{port}:8000"
        line = (*SEALED, f"--name={name}", publish, *options, image)
        self.podman("run", "--detach", *line)
        return Container(self, name, f"http://127.0.0.1:{port}")

    def once(self, image: str, options: Sequence[str], *command: str) -> Completed:
        """Run a command in a sealed container to its end."""
        return self.tell("podman", "run", "--rm", *SEALED, *options, image, *command)

    def left(self, of: str) -> list[str]:
        """Name the containers, volumes and networks that somebody has."""
        names = [
            self.podman("ps", "--all", "--format={{.Names}}"),
            self.podman("volume", "ls", "--format={{.Name}}"),
            self.podman("network", "ls", "--format={{.Name}}"),
        ]
        return [name for name in "\n".join(names).splitlines() if of in name]

    def close(self) -> None:
        """Stop what runs and unmount what is mounted: the folder can go."""
        self.podman("rm", "--all", "--force", "--time=0")
        self.podman("image", "unmount", "--all", "--force")


@dataclass(frozen=True)
class Container:
    """A running service."""

    engine: Engine
    name: str
    url: str

    def answers(self, path: str) -> bool:
        """Wait until a path is answered with 200, or give up."""
        with Client(base_url=self.url) as client:
            return until(lambda: client.get(path).status_code == 200)

    def logs(self) -> str:
        """Give what it wrote."""
        told = self.engine.tell("podman", "logs", self.name)
        return told.stdout + told.stderr

    def healthy(self) -> bool:
        """Run the check that the image brings."""
        return (
            self.engine.tell("podman", "healthcheck", "run", self.name).returncode == 0
        )

    def stop(self) -> tuple[float, int]:
        """Stop it as a platform does; give the seconds and its status."""
        begin = time.monotonic()
        self.engine.podman("stop", "--time=30", self.name)
        seconds = time.monotonic() - begin
        status = self.engine.podman(
            "inspect", "--format={{.State.ExitCode}}", self.name
        )
        return seconds, int(status)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; a connection that fails is not it yet."""
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
    """End what runs in the storage of this run, if there is one."""
    if (shared / "containers.done").exists():
        Engine(shared / "containers").close()
