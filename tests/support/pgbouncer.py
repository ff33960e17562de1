"""Starts PgBouncer, a connection pooler, in front of a PostgreSQL server."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from extensions.postgresql import Server

# Debian installs it outside the PATH of users.
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
# PgBouncer does not run as root.
USER = "daemon" if os.geteuid() == 0 else None
SETTINGS = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {size}
server_login_retry = 1
"""


@dataclass
class Pooler:
    """A running PgBouncer. In transaction mode, clients share three connections."""

    folder: Path
    mode: str
    port: int
    process: subprocess.Popen[bytes]

    def restart(self) -> None:
        """End the process, which closes all connections, and start another one."""
        self.stop()
        self.process = start(self.folder, self.port)

    def stop(self) -> None:
        """End the process at once."""
        self.process.terminate()
        self.process.wait()


@contextmanager
def pgbouncer(server: Server, mode: str) -> Iterator[Pooler]:
    """Run PgBouncer in front of a server until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    if USER:
        os.chown(folder, pwd.getpwnam(USER).pw_uid, -1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    size = 3 if mode == "transaction" else 50
    values = {"server": server.port, "port": port, "folder": folder, "mode": mode}
    (folder / "users").write_text('"postgres" ""\n', encoding="utf-8")
    (folder / "settings").write_text(
        SETTINGS.format(**values, size=size), encoding="utf-8"
    )
    pooler = Pooler(folder, mode, port, start(folder, port))
    try:
        yield pooler
    finally:
        pooler.stop()
        shutil.rmtree(folder)


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start PgBouncer, and wait until it listens."""
    with (folder / "log").open("ab") as log:
        command = [str(PROGRAM), str(folder / "settings")]
        process = subprocess.Popen(command, user=USER, stdout=log, stderr=log)
    end = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.01)
    raise RuntimeError(f"PgBouncer failed: {(folder / 'log').read_text()}")
