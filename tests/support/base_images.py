"""The base images: pulled from their registry, or made of packages without one."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from uv import find_uv_bin

from extensions.interpreters import executable, locate
from extensions.postgresql import WHEEL
from tests.support.commands import succeed

# Set where a registry can be reached, such as on GitHub.
REGISTRY = "PLUMBLINE_REGISTRY"
PYTHON = "3.13"
SLIM = f"docker.io/library/python:{PYTHON}-slim"
# The packages of Python's slim image besides Python, and certificates.
PACKAGES = """
    ca-certificates libbz2-1.0 libexpat1 libffi8 liblzma5 libreadline8 libsqlite3-0
    libssl3 libuuid1 netbase tzdata zlib1g
""".split()
# Parts of the standard library that the slim image does not have either.
LEFT_OUT = ("__pycache__", "config-*", "idlelib", "site-packages", "test", "turtledemo")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
# Certificate authorities of this machine are trusted in builds, too.
TRUST = [
    f"ENV {name}={AUTHORITIES}"
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
]
PATH = "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
DATA = "/var/lib/postgresql/data"
# Initialises the database on the first start, as the official image does.
ENTRYPOINT = f"""\
#!/bin/sh
set -e
as="setpriv --reuid=postgres --regid=postgres --clear-groups"
install -d -o postgres -g postgres -m 700 {DATA} "$PGHOST"
if [ ! -s {DATA}/PG_VERSION ]; then
    echo "$POSTGRES_PASSWORD" > /tmp/password
    $as initdb -D {DATA} -U "$POSTGRES_USER" --pwfile=/tmp/password -A scram-sha-256
    echo "host all all all scram-sha-256" >> {DATA}/pg_hba.conf
    echo "create database $POSTGRES_DB;" | $as postgres --single -D {DATA} postgres
fi
exec $as postgres -D {DATA} -c listen_addresses='*' -k "$PGHOST"
"""
SERVER = f"""\
FROM python:{PYTHON}-slim
COPY opt /opt
COPY docker-entrypoint.sh /usr/local/bin/
RUN useradd --uid=70 --user-group postgres && \\
    chmod 755 /opt/{WHEEL}/pginstall/bin/* /usr/local/bin/docker-entrypoint.sh && \\
    ln -s /opt/{WHEEL}/pginstall/bin/* /usr/local/bin/
ENV PGHOST=/var/run/postgresql
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
"""


def debian(root: Path) -> None:
    """Create a minimal Debian or Ubuntu root of the release of this machine."""
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    packages = f"--include={','.join(PACKAGES)}"
    succeed(["mmdebstrap", "--variant=minbase", packages, release, root], root.parent)
    shutil.copy(Path(AUTHORITIES).resolve(), f"{root}{AUTHORITIES}")
    for folder in ("doc", "info", "locale", "man"):
        shutil.rmtree(root / "usr/share" / folder, ignore_errors=True)


def python(root: Path) -> None:
    """Copy the Python of this machine to where the slim image has its own."""
    found = executable(PYTHON, locate(PYTHON) or {})
    ask = [found, "-c", "import sys; print(sys.base_prefix)"]
    prefix, local = Path(succeed(ask, root).strip()), root / "usr/local"
    name = f"python{PYTHON}"
    ignored = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(prefix / "lib" / name, local / "lib" / name, ignore=ignored)
    for library in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy(library, local / "lib", follow_symlinks=False)
    shutil.copy(prefix / "bin" / name, local / "bin")
    for alias in ("python3", "python"):
        (local / "bin" / alias).symlink_to(name)
    (local / "lib" / name / "site-packages").mkdir()
    succeed(["chroot", root, "ldconfig"], root)
    succeed(["chroot", root, "python", "-m", "ensurepip"], root)
    (local / "bin/pip").symlink_to("pip3")


def uv_image(versions: Mapping[str, str]) -> str:
    """Return the name of the image that contains uv."""
    return f"ghcr.io/astral-sh/uv:{versions['uv']}"


def postgres(versions: Mapping[str, str]) -> str:
    """Return the name of the image of PostgreSQL."""
    return f"docker.io/library/postgres:{versions['postgresql']}-alpine"


class Bases:
    """Builds images in a folder and imports them into a storage."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """Use the variables that configure the storage of podman."""
        self.folder = folder
        self.variables = {**os.environ, **variables}

    def add(self, root: Path, name: str, *changes: str) -> None:
        """Import a root folder as an image with one layer."""
        options = [f"--change={change}" for change in changes]
        pack = ["tar", "--create", "--directory", str(root), "."]
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as tar:
            subprocess.run(
                ["podman", "import", "--quiet", *options, "-", name],
                stdin=tar.stdout,
                env=self.variables,
                check=True,
            )
        assert tar.returncode == 0, f"{name} is not whole"

    def server(self, versions: Mapping[str, str]) -> None:
        """Build a PostgreSQL image from the programs of a wheel."""
        wheel = find_spec(WHEEL)
        assert wheel is not None and wheel.origin is not None, f"{WHEEL} is missing"
        packages, place = Path(wheel.origin).parent.parent, self.folder / "server"
        for name in (WHEEL, f"{WHEEL}.libs"):
            shutil.copytree(packages / name, place / "opt" / name)
        (place / "docker-entrypoint.sh").write_text(ENTRYPOINT, encoding="utf-8")
        (place / "Dockerfile").write_text(SERVER, encoding="utf-8")
        self.podman("build", "--pull=never", f"--tag={postgres(versions)}", str(place))

    def podman(self, *arguments: str) -> None:
        """Run podman, which must succeed."""
        subprocess.run(["podman", *arguments], env=self.variables, check=True)

    def provide(self, versions: Mapping[str, str]) -> None:
        """Provide every image that a project's Dockerfile and compose files name."""
        if REGISTRY in os.environ:
            self.podman("pull", SLIM, uv_image(versions), postgres(versions))
        else:
            self.make(versions)

    def make(self, versions: Mapping[str, str]) -> None:
        """Build stand-ins of these images."""
        uv, root = self.folder / "uv", self.folder / "root"
        uv.mkdir()
        shutil.copy(find_uv_bin(), uv / "uv")
        self.add(uv, uv_image(versions))
        debian(root)
        python(root)
        settings = [PATH, "ENV LANG=C.UTF-8", *TRUST]
        self.add(root, SLIM, *settings, 'CMD ["python3"]')
        self.server(versions)
        for made in (uv, root, self.folder / "server"):
            shutil.rmtree(made)
