"""Reads what an existing repository says about itself."""

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
    """The files of a repository that say how it is built; every one may be missing."""

    folder: Path

    def has(self, *names: str) -> str:
        """Give the first of these paths that is there."""
        return next((name for name in names if (self.folder / name).exists()), "")

    def text(self, name: str) -> str:
        """Read a file; one that is not there says nothing."""
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
        """Look into [project], then into [tool.poetry]; say where it stood."""
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
        """Map every distribution that is asked for to the file that asks."""
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
        """List what pyproject.toml asks for, in any of its tables."""
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
        """Take the names out of requirements; options and comments have none."""
        for line in lines:
            if match := NAME.match(line):
                name = re.sub(r"[-_.]+", "-", match[1]).lower()
                found.setdefault(name, place)
