"""Reads the configuration files of an existing repository."""

import configparser
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from extensions.refusals import RefusalError

NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True)
class Evidence:
    """The configuration files of a repository; each of them may be missing."""

    folder: Path

    def has(self, *names: str) -> str:
        """Return the first of these paths that exists, or an empty string."""
        return next((name for name in names if (self.folder / name).exists()), "")

    def text(self, name: str) -> str:
        """Return the text of a file, or an empty string if it is missing."""
        file = self.folder / name
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        """Read pyproject.toml. Raises RefusalError."""
        try:
            return tomllib.loads(self.text("pyproject.toml"))
        except tomllib.TOMLDecodeError as error:
            raise RefusalError(f"pyproject.toml: {error}") from error

    def project(self, *keys: str) -> tuple[Any, str]:
        """Return a value of [project] or [tool.poetry], and where it was found."""
        poetry = self.pyproject.get("tool", {}).get("poetry", {})
        for table, place in (
            (self.pyproject.get("project", {}), "project"),
            (poetry, "tool.poetry"),
        ):
            for key in keys:
                if value := table.get(key):
                    return value, f"pyproject.toml, {place}.{key}"
        return None, ""

    @cached_property
    def setup(self) -> configparser.ConfigParser:
        """Read setup.cfg."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(self.text("setup.cfg"))
        return parser

    @cached_property
    def dependencies(self) -> dict[str, str]:
        """Map every required distribution to the file that requires it."""
        found: dict[str, str] = {}
        for name in sorted(self.folder.glob("requirements*/*.txt")) + sorted(
            self.folder.glob("requirements*.txt")
        ):
            shown = name.relative_to(self.folder).as_posix()
            self._collect(name.read_text("utf-8").splitlines(), shown, found)
        required = self.setup.get("options", "install_requires", fallback="")
        self._collect(required.splitlines(), "setup.cfg", found)
        self._collect(self._declared(), "pyproject.toml", found)
        return found

    def _declared(self) -> list[str]:
        """Return the requirements of pyproject.toml, from all of its tables."""
        project = self.pyproject.get("project", {})
        groups = [
            project.get("dependencies", []),
            *project.get("optional-dependencies", {}).values(),
            *self.pyproject.get("dependency-groups", {}).values(),
        ]
        poetry = self.pyproject.get("tool", {}).get("poetry", {})
        tables = [poetry, *poetry.get("group", {}).values()]
        names = [name for table in tables for name in table.get("dependencies", {})]
        return names + [
            one for group in groups for one in group if isinstance(one, str)
        ]

    def _collect(self, lines: list[str], place: str, found: dict[str, str]) -> None:
        """Add the names of requirements; skip options and comments."""
        for line in lines:
            if match := NAME.match(line):
                name = re.sub(r"[-_.]+", "-", match[1]).lower()
                found.setdefault(name, place)
