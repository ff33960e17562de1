"""One run in a work folder: its lock, its signals, and the end of its processes."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from extensions.commands import Commands, Done, shown
from extensions.fleet import guard
from extensions.fleet.result import Result
from extensions.refusals import RefusalError
from upkeep import isolation

# The guard of a run that was killed keeps the lock until its processes have ended.
PATIENCE = 3.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED = threading.Event()


@contextmanager
def session(work: Path) -> Iterator[None]:
    """Lock the work folder; afterwards no process of the run is left."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("a+", encoding="utf-8") as file:
        _lock(file, work)
        run, temporary = uuid4().hex, tempfile.mkdtemp(prefix="fleet-")
        with _guarded(run, temporary, file.fileno()):
            with _variables({guard.VARIABLE: run, "TMPDIR": temporary}):
                yield


@contextmanager
def _guarded(run: str, temporary: str, lock: int) -> Iterator[None]:
    """Start the guard. A signal or the end of the block lets it kill the processes."""
    watching = subprocess.Popen(
        [sys.executable, guard.__file__, run, temporary],
        stdin=subprocess.PIPE,
        pass_fds=[lock],
        start_new_session=True,
    )

    def interrupt(*_: object) -> None:
        # The threads are told first: their commands are about to end.
        if not STOPPED.is_set():
            STOPPED.set()
            _close(watching)
            raise KeyboardInterrupt

    # With nohup, a run goes on when its terminal is closed.
    ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    chosen = SIGNALS[:2] if ignored else SIGNALS
    handlers = {one: signal.signal(one, interrupt) for one in chosen}
    try:
        yield
    finally:
        _close(watching)
        watching.wait()
        for one, handler in handlers.items():
            signal.signal(one, handler)
        STOPPED.clear()


def _close(watching: subprocess.Popen[bytes]) -> None:
    """Tell the guard that the run has ended."""
    if watching.stdin:
        watching.stdin.close()


def _lock(file: TextIO, work: Path) -> None:
    """Lock the file, and write the process into it. Raises RefusalError."""
    last = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > last:
                file.seek(0)
                raise RefusalError(
                    f"{work} is in use by process {file.read().strip()}: wait, "
                    "or choose another folder: --work=…"
                ) from None
            time.sleep(0.05)
    file.truncate(0)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    file.write(f"{os.getpid()}, since {now}")
    file.flush()


@contextmanager
def _variables(added: dict[str, str]) -> Iterator[None]:
    """Add variables to the environment of all commands."""
    before = {name: os.environ.get(name) for name in added}
    os.environ.update(added)
    tempfile.tempdir = None
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ.update({name: value} if value else {})
        tempfile.tempdir = None
        # Its folders were temporary files of the run.
        isolation.configuration.cache_clear()


def check_running() -> None:
    """Raise KeyboardInterrupt after an interruption: what failed then tells nothing."""
    if STOPPED.is_set():
        raise KeyboardInterrupt


def masked(text: str, hidden: Sequence[str]) -> str:
    """Replace values by ***."""
    for value in hidden:
        text = text.replace(value, "***")
    return text


@dataclass(frozen=True)
class Steps(Commands):
    """Runs the commands of a visit; none begins or counts after an interruption."""

    # Values that are written as ***.
    hidden: tuple[str, ...] = ()

    def run(
        self,
        command: Sequence[str | Path],
        folder: Path,
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a command. Raises KeyboardInterrupt if the run was interrupted."""
        check_running()
        done = super().run(command, folder, env)
        check_running()
        return Done(done.code, self.masked(done.output), self.masked(done.errors))

    def note(self, text: str) -> None:
        """Append a line to the log, without the hidden values."""
        super().note(self.masked(text))

    def masked(self, text: str) -> str:
        """Replace the hidden values."""
        return masked(text, self.hidden)


def guarded(step: Callable[[], object], commands: Steps, result: Result) -> None:
    """Run a step; any failure is recorded in the result."""
    start = time.monotonic()
    try:
        step()
    except RefusalError as refusal:
        check_running()
        result.state, result.note = "failed", commands.masked(str(refusal))
    except Exception as error:
        check_running()
        reason = traceback.format_exception_only(error)[-1].strip()
        result.state, result.note = "failed", commands.masked(shown(reason))
        commands.note(traceback.format_exc())
    result.seconds = round(result.seconds + time.monotonic() - start, 1)
