"""Builds images and runs containers in a storage of its own: no daemon, no registry."""

import shutil
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from httpx2 import Client, HTTPError

from extensions.questions import ROOT
from tests.house.bases import Bases
from tests.house.commands import Completed, run
from tests.house.shelf import Shelf, digest

NEEDED = ("podman", "runc", "mmdebstrap", "netavark", "aardvark-dns")
HOUSE = Path(__file__).parent
# What outlives a run: the bases, and what package managers have fetched.
KEPT = ROOT / "build" / "containers"
VERSIONS = yaml.safe_load((ROOT / "includes/versions.yml").read_text("utf-8"))
STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"

[storage.options]
additionalimagestores = {stores}
"""
SETTINGS = """\
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"

[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "unlimited"

[engine.runtimes]
unlimited = ["{house}/unlimited.py"]
"""
REGISTRIES = 'unqualified-search-registries = ["docker.io"]\n'
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

    @property
    def variables(self) -> dict[str, str]:
        """Say where podman stores, and how it builds."""
        return {
            "BUILDAH_FORMAT": "docker",
            "BUILDAH_ISOLATION": "chroot",
            "CONTAINERS_CONF": f"{self.folder}/containers.conf",
            "CONTAINERS_REGISTRIES_CONF": f"{self.folder}/registries.conf",
            "CONTAINERS_STORAGE_CONF": f"{self.folder}/storage.conf",
            "TMPDIR": f"{KEPT}/cache",
        }

    def tell(
        self, *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] = {}
    ) -> Completed:
        """Run a command that works in this storage, whatever its exit code."""
        return run(command, cwd, {**self.variables, **env})

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
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        publish = f"--publish=127.0.0.1:{port}:8000"
        self.podman("run", "--detach", f"--name={name}", publish, *options, image)
        return Container(self, name, f"http://127.0.0.1:{port}")

    def once(self, image: str, *arguments: str) -> Completed:
        """Run a sealed container to its end; options, then `--`, then a command."""
        options, _, command = (" ".join(arguments)).partition(" -- ")
        line = [*options.split(), image, *command.split()]
        return self.tell("podman", "run", "--rm", *SEALED, *line)

    def left(self) -> list[str]:
        """Name the containers, volumes and networks that there are."""
        return [
            self.podman(*command, "--quiet")
            for command in (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        ]

    def close(self) -> None:
        """Stop what runs and unmount what is mounted; the folder can go."""
        self.podman("rm", "--all", "--force", "--time=0")
        self.podman("image", "unmount", "--all", "--force")
        self.tell("umount", f"{self.folder}/storage/overlay")


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
        return self.engine.tell("podman", "healthcheck", "run", self.name).returncode == 0

    def stop(self) -> tuple[float, int]:
        """Stop it as a platform does; give the seconds and its status."""
        begin = time.monotonic()
        self.engine.podman("stop", "--time=30", self.name)
        seconds = time.monotonic() - begin
        status = self.engine.podman("inspect", "--format={{.State.ExitCode}}", self.name)
        return seconds, int(status)


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


def missing() -> list[str]:
    """Name the programs that this machine lacks; `.ci/delivery` installs them."""
    path = "/usr/lib/podman:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"
    return [name for name in NEEDED if shutil.which(name, path=path) is None]


def configure(folder: Path, stores: list[str]) -> Engine:
    """Write the settings of a storage that reads others, and stores in a folder."""
    folder.mkdir(parents=True)
    (KEPT / "cache").mkdir(parents=True, exist_ok=True)
    settings = {
        "containers.conf": SETTINGS.format(folder=folder, house=HOUSE),
        "registries.conf": REGISTRIES,
        "storage.conf": STORAGE.format(folder=folder, stores=stores),
    }
    for name, text in settings.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Engine(folder)


def make_bases(folder: Path) -> None:
    """Fill a storage with stand-ins for the images of a registry."""
    engine = configure(folder, [])
    Bases(folder, engine.variables).make(VERSIONS)
    engine.close()


def new_engine(folder: Path) -> Engine:
    """Give an empty storage on top of the bases, which are made once for all runs."""
    recipe = (HOUSE / "bases.py").read_bytes() + str(VERSIONS).encode()
    bases = Shelf(KEPT).once(f"bases-{digest(recipe)}", make_bases)
    return configure(folder, [f"{bases}/storage"])
