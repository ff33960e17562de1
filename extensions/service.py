"""`make service`: renders a new project and installs its dependencies."""

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
# Commands to type after the installation, with what each of them does.
NEXT_STEPS = {
    "git init && make install": "installs the git hooks",
    "make run": "http://127.0.0.1:8000, API documentation at /docs",
    "make check": "everything that CI runs",
    "git add --all && git commit": "updates need a commit",
}


def rendered(folder: Path, answers: Answers) -> Path:
    """Render the project. Raises RefusalError, with the last line of Copier's error."""
    try:
        return render(folder / "project", answers)
    except (CopierError, TypeError, ValueError) as error:
        raise RefusalError(refusal_of(error)) from error


def interpreter(minimum: str, manager: str) -> dict[str, str]:
    """Return the variables that select an interpreter. Raises RefusalError."""
    found = locate(minimum)
    if found is None:
        raise RefusalError(
            f"Python {minimum} or newer is needed, and none was found: "
            f"install it from {DOWNLOADS}, or answer python_version with a lower one"
        )
    return found if manager == "uv" else {"PYTHON": executable(minimum, found)}


@contextmanager
def beside(destination: Path) -> Iterator[Path]:
    """Yield a temporary folder beside the destination; remove all of it on failure."""
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
    """Create a project, whole or not at all, and return its variables."""
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
    """Return the path relative to the folder from which make was called."""
    here = Path(os.environ.get("PWD", "/"))
    return path.relative_to(here) if path.is_relative_to(here) else path


def next_steps(destination: Path, environment: dict[str, str]) -> str:
    """Return the next commands. The first one exports what this shell lacks."""
    manager = answers_of(destination)["package_manager"]
    # uv needs the variable for each command; for the others .venv is enough.
    needed = environment if manager == "uv" else {}
    exports = [f"{name}={shlex.quote(value)}" for name, value in needed.items()]
    if manager != "pip" and not shutil.which(manager):
        exports.append(f'PATH={shlex.quote(os.path.dirname(find_uv_bin()))}:"$PATH"')
    enter = f"cd {shlex.quote(str(from_here(destination)))}"
    if exports:
        enter += f" && export {' '.join(exports)}"
    width = max(map(len, NEXT_STEPS))
    steps = [f"  {step:{width}}  # {what}" for step, what in NEXT_STEPS.items()]
    return "\n".join(["", "Ready. Next steps:", "", f"  {enter}", *steps, ""])


def install(destination: Path, environment: dict[str, str]) -> int:
    """Install the project with the tools of this repository; print only failures."""
    ours = {*OURS, "DEST", "ANSWERS", "FROM"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    command = ["make", "--no-print-directory", "install"]
    done = subprocess.run(
        command,
        cwd=destination,
        env=kept | environment | tools(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode


def tools() -> dict[str, str]:
    """Return a PATH that begins with the uv and Poetry of this repository."""
    ours = os.path.dirname(find_uv_bin())
    return {"PATH": os.pathsep.join([ours, os.environ["PATH"]])}


def main(destination: str, answers: str) -> int:
    """Create the project, install it, and print the next steps."""
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
    print(f"Created {place}. Installing its dependencies …", flush=True)
    if status := install(place, environment):
        print(f"`make install` failed in {place}; see above.", file=sys.stderr)
        return status
    print(next_steps(place, environment))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
