"""Speed up Copier for the sweep, which renders the template some hundred times.

`accelerated` is for projects that are rendered and only read. Every test of a copy, an
update or a command runs plain Copier.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from copier._main import Worker
from jinja2 import Environment

from extensions.site.compiled import compile_once

# For each file Copier runs git, to add the executable bit to an index.
SYNCHRONIZE = Worker._sync_git_index_executable_bit.__name__


@contextmanager
def accelerated() -> Iterator[None]:
    """Make Copier compile each text once, and not run git for each file."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(Environment, "compile", compile_once))
        stack.enter_context(patch.object(Worker, SYNCHRONIZE, skip))
        yield


def skip(_worker: Worker, _path: Path, _mode: int) -> None:
    """Do nothing: a folder outside of a repository has no index."""
