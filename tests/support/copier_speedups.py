"""Does once what Copier does again for each file: the same result in less time."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from copier._main import Worker
from jinja2 import Environment

ASKED = "looks_at_modes"
COMPILED: dict[tuple[object, ...], Any] = {}
DELIMITERS = ("block_start_string", "variable_start_string", "comment_start_string")
COMPILE = Environment.compile
ANSWERS_PATH: Any = Worker.answers_relpath
RENDER = Worker._render_string
SYNCHRONIZE = Worker._sync_git_index_executable_bit


@contextmanager
def thrift() -> Iterator[None]:
    """Spare Copier what it repeats, as long as this lasts."""
    with ExitStack() as stack:
        for owner, name, stand_in in (
            (Environment, "compile", compile_once),
            (Worker, RENDER.__name__, render_string),
            (Worker, "answers_relpath", property(answers_path)),
            (Worker, SYNCHRONIZE.__name__, synchronize),
            (yaml, "SafeLoader", yaml.CSafeLoader),
            (yaml, "FullLoader", yaml.CFullLoader),
        ):
            stack.enter_context(patch.object(owner, name, stand_in))
        yield


def compile_once(
    environment: Environment,
    source: Any,
    name: str | None = None,
    filename: str | None = None,
    **more: Any,
) -> Any:
    """Give the code of a text, which depends on nothing but what is in its key."""
    if not isinstance(source, str):
        return COMPILE(environment, source, name, filename, **more)
    marks = tuple(getattr(environment, mark) for mark in DELIMITERS)
    key = (source, name, *sorted(more.items()), marks, *environment.extensions)
    if key not in COMPILED:
        COMPILED[key] = COMPILE(environment, source, name, filename, **more)
    return COMPILED[key]


def render_string(worker: Worker, text: str, extra_context: Any = None) -> str:
    """Leave a text as it is in which nothing is to be rendered, as most names are."""
    return RENDER(worker, text, extra_context) if "{" in text else text


def answers_path(worker: Worker) -> Path:
    """The same for the name of the answers file, which is asked for at every name."""
    plain = worker.answers_file or worker.template.answers_relpath
    return ANSWERS_PATH.fget(worker) if "{" in str(plain) else Path(plain)


def synchronize(worker: Worker, path: Path, mode: int) -> None:
    """Ask git whether it looks at modes: once a run, not once a file."""
    known = vars(worker)
    if ASKED not in known:
        known[ASKED] = looks_at_modes(worker.subproject.local_abspath)
    if not known[ASKED]:
        SYNCHRONIZE(worker, path, mode)


def looks_at_modes(place: Path) -> bool:
    """Tell whether git notices there what can be run: if not, Copier tells it."""
    git = ["git", "config", "--type=bool", "--get", "core.fileMode"]
    asked = subprocess.run(git, cwd=place, capture_output=True, text=True)
    return asked.stdout.strip() != "false"
