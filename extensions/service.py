"""Makes a new project on a fresh machine: rendered, installed, ready to run."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from copier.errors import CopierError
from uv import find_uv_bin

from extensions.answers import read_answers
from extensions.commands import OURS
from extensions.interpreters import executable, locate
from extensions.refusals import RefusalError, refusal_of
from extensions.rendering import Answers, answers_of, render

DOWNLOADS = "https://www.python.org/downloads/"


def rendered(folder: Path, answers: Answers) -> Path:
    """Render the project, or pass on the one line in which Copier refuses."""
    try:
        return render(folder / "project", answers)
    except (CopierError, TypeError, ValueError) as error:
        raise RefusalError(refusal_of(error)) from error


def interpreter(minimum: str, manager: str) -> dict[str, str]:
    """Find an interpreter for the project: what its environment needs to say."""
    found = locate(minimum)
    if found is None:
        raise RefusalError(
            f"Python {minimum} or newer is needed, and none was found: "
            f"install it from {DOWNLOADS}, or answer python_version with a lower one"
        )
    return found if manager == "uv" else {"PYTHON": executable(minimum, found)}


@contextmanager
def beside(destination: Path) -> Iterator[Path]:
    """Give a folder on the destination's disk; a failure leaves nothing behind."""
    missing = [path for path in destination.parents if not path.exists()]
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".new-", dir=destination.parent) as folder:
            yield Path(folder)
    except BaseException:
        for path in missing:
            path.rmdir()
        raise


def create(destination: Path, answers: Answers) -> dict[str, str]:
    """Put a project in its place, whole or not at all; say what it runs with."""
    try:
        if destination.is_file() or destination.exists() and any(destination.iterdir()):
            raise RefusalError(
                f"{destination} is not empty: choose another place, DEST=…"
            )
        with beside(destination) as folder:
            project = rendered(folder, answers)
            recorded = answers_of(project)
            environment = interpreter(
                recorded["python_version"], recorded["package_manager"]
            )
            project.rename(destination)
    except OSError as error:  # Copier's failures of git are of this kind too.
        reason = error.strerror or str(error).splitlines()[-1]
        raise RefusalError(f"{destination}: {reason}") from error
    return environment


def from_here(path: Path) -> Path:
    """Shorten a path for the shell that called make, which may stand elsewhere."""
    here = Path(os.environ.get("PWD", "/"))
    return path.relative_to(here) if path.is_relative_to(here) else path


def next_steps(destination: Path, environment: dict[str, str]) -> str:
    """Write the commands that come next, with what this shell does not know yet."""
    manager = answers_of(destination)["package_manager"]
    # uv looks for its interpreter every time; the others have made .venv with it.
    told = environment if manager == "uv" else {}
    exports = [f"{name}={shlex.quote(value)}" for name, value in told.items()]
    if manager != "pip" and not shutil.which(manager):
        exports.append(f'PATH={shlex.quote(os.path.dirname(find_uv_bin()))}:"$PATH"')
    enter = f"cd {shlex.quote(str(from_here(destination)))}"
    if exports:
        enter += f" && export {' '.join(exports)}"
    return f"\nReady. Next:\n\n  {enter}\n  make run\n  make check\n"


def install(destination: Path, environment: dict[str, str]) -> int:
    """Install the new project with the uv or the Poetry of this repository."""
    ours = {*OURS, "DEST", "ANSWERS", "FROM"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    command = ["make", "--no-print-directory", "install"]
    return subprocess.run(
        command, cwd=destination, env=kept | environment | tools()
    ).returncode


def tools() -> dict[str, str]:
    """Put the uv and the Poetry of this repository first on PATH."""
    ours = os.path.dirname(find_uv_bin())
    return {"PATH": os.pathsep.join([ours, os.environ["PATH"]])}


def main(destination: str, answers: str) -> int:
    """Make the project in its place and say how to go on."""
    place = Path(destination).expanduser().resolve()
    try:
        if not shutil.which("git"):
            raise RefusalError(
                "git is not on PATH: install it (https://git-scm.com/downloads)"
            )
        environment = create(place, read_answers(answers))
    except RefusalError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if status := install(place, environment):
        print(f"`make install` failed; the project is kept in {place}", file=sys.stderr)
        return status
    print(next_steps(place, environment))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
