"""Runs commands in repositories of others: logged, and limited in time."""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from extensions.refusals import RefusalError

# What whoever called us was told, and a repository should not be.
SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY", re.IGNORECASE)
OURS = {"VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
# Who is let in by a URL, before its @.
WHO = re.compile(r"(?<=://)[^/@\s]+@")
# Nobody sits there to be asked.
SILENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}


def surroundings() -> dict[str, str]:
    """Give the environment for code of others: without secrets, and without ours."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in OURS and not SECRET.search(name)
    }


def shown(text: str) -> str:
    """Take the passwords out of URLs."""
    return WHO.sub("", text)


def last_line(text: str) -> str:
    """Give the last line that is not empty."""
    lines = [line.strip() for line in text.splitlines()]
    return shown(next(filter(None, reversed(lines)), ""))


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    output: str
    errors: str

    @property
    def last(self) -> str:
        """Give the last line that says something: where programs name the reason."""
        return last_line(self.output + self.errors) or "it said nothing"


def _started(
    command: Sequence[str | Path], folder: Path, env: Mapping[str, str]
) -> subprocess.Popen[str]:
    """Start a command in a group of its own: what it has started ends with it."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=SILENT | dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,
    )


@dataclass(frozen=True)
class Commands:
    """Runs commands; everything they print stands in one log."""

    log: Path
    limit: float

    def run(
        self,
        command: Sequence[str | Path],
        folder: Path,
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a command to its end, whatever its exit code. Raises RefusalError."""
        written = shlex.join(map(str, command))
        with _started(command, folder, os.environ if env is None else env) as process:
            try:
                output, errors = process.communicate(timeout=self.limit)
            except BaseException as error:
                os.killpg(process.pid, signal.SIGKILL)
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                message = f"{written} did not end within {self.limit:g} s"
                raise RefusalError(message) from error
        self.note(f"$ {written}\n{output}{errors}")
        return Done(process.returncode, output, errors)

    def need(
        self,
        command: Sequence[str | Path],
        folder: Path,
        expected: Collection[int] = (0,),
    ) -> str:
        """Run what has to succeed, and give what it printed. Raises RefusalError."""
        done = self.run(command, folder)
        if done.code not in expected:
            raise RefusalError(done.last)
        return done.output.strip()

    def note(self, text: str) -> None:
        """Write into the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(shown(text.rstrip()) + "\n")
