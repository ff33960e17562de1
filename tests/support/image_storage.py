"""Storage of container images: of one run, on top of cached base images."""

import os
import shutil
from pathlib import Path

import yaml

from extensions.questions import ROOT
from tests.support.base_images import REGISTRY, Bases
from tests.support.shared_cache import SharedCache, digest

# Set where container tests must run: nothing is skipped there.
DELIVERY = "PLUMBLINE_DELIVERY"
NEEDED = ("podman", "runc", "mmdebstrap", "netavark", "aardvark-dns")
SUPPORT = Path(__file__).parent
# Kept between runs: base images and the caches of package managers.
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
unlimited = ["{support}/oci_runtime.py"]
"""
REGISTRIES = 'unqualified-search-registries = ["docker.io"]\n'


def missing() -> list[str]:
    """Return the programs that are missing; `.ci/delivery` installs them."""
    path = "/usr/lib/podman:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"
    lacking = [name for name in NEEDED if shutil.which(name, path=path) is None]
    return lacking + ["to be root"] * (os.geteuid() != 0)


def variables(folder: Path) -> dict[str, str]:
    """Return the environment variables that configure podman."""
    return {
        "BUILDAH_FORMAT": "docker",
        "BUILDAH_ISOLATION": "chroot",
        "CONTAINERS_CONF": f"{folder}/containers.conf",
        "CONTAINERS_REGISTRIES_CONF": f"{folder}/registries.conf",
        "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf",
        "TMPDIR": f"{KEPT}/cache",
    }


def configure(folder: Path, stores: list[str]) -> None:
    """Write the settings of a storage in a folder, on top of read-only ones."""
    folder.mkdir(parents=True)
    (KEPT / "cache").mkdir(parents=True, exist_ok=True)
    settings = {
        "containers.conf": SETTINGS.format(folder=folder, support=SUPPORT),
        "registries.conf": REGISTRIES,
        "storage.conf": STORAGE.format(folder=folder, stores=stores),
    }
    for name, text in settings.items():
        (folder / name).write_text(text, encoding="utf-8")


def make_bases(folder: Path) -> None:
    """Build the base images into a storage."""
    configure(folder, [])
    Bases(folder, variables(folder)).provide(VERSIONS)


def new_storage(folder: Path) -> None:
    """Create an empty storage on top of the base images, which are kept."""
    recipe = (SUPPORT / "base_images.py").read_bytes() + str(VERSIONS).encode()
    kind = "registry" if REGISTRY in os.environ else "bases"
    bases = SharedCache(KEPT).once(f"{kind}-{digest(recipe)}", make_bases)
    configure(folder, [f"{bases}/storage"])
