"""Types of the fixtures that return functions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from extensions.rendering import Answers
from tests.support.commands import Completed


class Project(Protocol):
    """A function that returns a project with the given answers."""

    def __call__(self, answers: Answers | None = None) -> Path:
        """Return the folder of the project."""


class Copy(Protocol):
    """A function that renders a project into a folder."""

    def __call__(self, destination: Path, answers: Answers | None = None) -> Path:
        """Return the destination."""


class Run(Protocol):
    """A function that runs a command."""

    def __call__(
        self,
        command: Sequence[str | Path],
        cwd: Path,
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Return the exit code and the output."""
