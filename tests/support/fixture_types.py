"""The types of the fixtures that are functions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from extensions.rendering import Answers
from tests.support.commands import Completed


class Project(Protocol):
    """Gives a project that answers these answers."""

    def __call__(self, answers: Answers | None = None) -> Path:
        """Give its folder."""


class Copy(Protocol):
    """Renders into a folder of the test's own."""

    def __call__(self, destination: Path, answers: Answers | None = None) -> Path:
        """Give the destination."""


class Run(Protocol):
    """Runs a command; its output is shown when the test fails."""

    def __call__(
        self,
        command: Sequence[str | Path],
        cwd: Path,
        env: Mapping[str, str] | None = None,
    ) -> Completed:
        """Give its exit code and what it printed."""
