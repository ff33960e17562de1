"""Keeps images in a folder: those of a run on top of those that every run needs."""

import os
import shutil
from pathlib import Path

import yaml

from extensions.questions import ROOT
from tests.support.base_images import Bases
from tests.support.shared_cache import Shelf, digest

# Set where containers have to run: there, nothing may be skipped.
DELIVERY = "PLUMBLINE_DELIVERY"
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


def missing() -> list[str]:
    """Name what this machine lacks; `.ci/delivery` installs the programs."""
    path = "/usr/lib/podman:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"
    lacking = [name for name in NEEDED if shutil.which(name, path=path) is None]
    return lacking + ["to be root"] * (os.geteuid() != 0)


def variables(folder: Path) -> dict[str, str]:
    """Say where podman stores, and how it builds."""
    return {
        "BUILDAH_FORMAT": "docker",
        "BUILDAH_ISOLATION": "chroot",
        "CONTAINERS_CONF": f"{folder}/containers.conf",
        "CONTAINERS_REGISTRIES_CONF": f"{folder}/registries.conf",
        "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf",
        "TMPDIR": f"{KEPT}/cache",
    }


def configure(folder: Path, stores: list[str]) -> None:
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


def make_bases(folder: Path) -> None:
    """Fill a storage with stand-ins for the images of a registry."""
    configure(folder, [])
    Bases(folder, variables(folder)).make(VERSIONS)


def new_storage(folder: Path) -> None:
    """Give an empty storage on top of the bases, which are made once for all runs."""
    recipe = (HOUSE / "bases.py").read_bytes() + str(VERSIONS).encode()
    bases = Shelf(KEPT).once(f"bases-{digest(recipe)}", make_bases)
    configure(folder, [f"{bases}/storage"])
