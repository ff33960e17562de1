"""Runs commands in other repositories, with a log and a timeout."""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from extensions.refusals import RefusalError
from upkeep import isolation
from upkeep.errors import RefusedError

# Variables of this process that commands must not inherit.
SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY", re.IGNORECASE)
OURS = {"VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
# The credentials of a URL.
WHO = re.compile(r"(?<=://)[^/@\s]+@")
# Commands must not ask for input.
SILENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}


def surroundings() -> dict[str, str]:
    """Return the environment of commands, without secrets and our variables."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in OURS and not SECRET.search(name)
    }


def isolated(folder: Path) -> dict[str, str]:
    """Return the environment of git and Copier in a folder. Raises RefusalError."""
    try:
        return isolation.for_copier(folder)
    except RefusedError as error:
        raise RefusalError(str(error)) from error


def shown(text: str) -> str:
    """Remove the credentials from URLs."""
    return WHO.sub("", text)


def last_line(text: str) -> str:
    """Return the last line that is not empty."""
    lines = [line.strip() for line in text.splitlines()]
    return shown(next(filter(None, reversed(lines)), ""))


@dataclass(frozen=True)
class Done:
    """The result of a command."""

    code: int
    output: str
    errors: str

    @property
    def last(self) -> str:
        """Return the last line of the output: most programs name the reason there."""
        return last_line(self.output + self.errors) or "no output"


def _started(
    command: Sequence[str | Path], folder: Path, env: Mapping[str, str]
) -> subprocess.Popen[str]:
    """Start a command in its own process group, so that its children end with it."""
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
    """Runs commands, and writes their output to one log."""

    log: Path
    limit: float

    def run(
        self,
        command: Sequence[str | Path],
        folder: Path,
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a command, and return its result. Raises RefusalError on timeout.

        Without an environment, git and Copier get one without a person's settings.
        """
        written = shlex.join(map(str, command))
        given = isolated(folder) if env is None else env
        with _started(command, folder, given) as process:
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
        """Run a command, and return its output. Raises RefusalError if it fails."""
        done = self.run(command, folder)
        if done.code not in expected:
            raise RefusalError(done.last)
        return done.output.strip()

    def note(self, text: str) -> None:
        """Append a line to the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(shown(text.rstrip()) + "\n")
