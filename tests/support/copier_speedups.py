"""Speed up Copier for the sweep, which renders the template some hundred times.

`accelerated` is for projects that are rendered and only read. Every test of a copy, an
update or a command runs plain Copier.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from copier._main import Worker
from jinja2 import Environment

COMPILED: dict[tuple[object, ...], Any] = {}
DELIMITERS = ("block_start_string", "variable_start_string", "comment_start_string")
COMPILE = Environment.compile
# For each file Copier runs git, to add the executable bit to an index.
SYNCHRONIZE = Worker._sync_git_index_executable_bit.__name__


@contextmanager
def accelerated() -> Iterator[None]:
    """Make Copier compile each text once, and not run git for each file."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(Environment, "compile", compile_once))
        stack.enter_context(patch.object(Worker, SYNCHRONIZE, skip))
        yield


def compile_once(
    environment: Environment,
    source: Any,
    name: str | None = None,
    filename: str | None = None,
    **more: Any,
) -> Any:
    """Return the compiled code of a text, cached by everything that it depends on."""
    if not isinstance(source, str):
        return COMPILE(environment, source, name, filename, **more)
    marks = tuple(getattr(environment, mark) for mark in DELIMITERS)
    key = (source, name, *sorted(more.items()), marks, *environment.extensions)
    if key not in COMPILED:
        COMPILED[key] = COMPILE(environment, source, name, filename, **more)
    return COMPILED[key]


def skip(_worker: Worker, _path: Path, _mode: int) -> None:
    """Do nothing: a folder outside of a repository has no index."""
