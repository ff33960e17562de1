"""Reads the configuration files and the modules of an existing repository."""

import codecs
import configparser
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from extensions.refusals import RefusalError
from extensions.release import git

NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*([^;#]*)")
IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Requirement(NamedTuple):
    """The allowed versions of a distribution, and the file that requires it."""

    versions: str
    place: str


def decode(content: bytes) -> str:
    """Return a text in UTF-8, in UTF-16 with its mark, or in Latin-1."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


@dataclass(frozen=True)
class Evidence:
    """The files of a repository, or of a folder in it; each of them may be missing."""

    folder: Path

    def has(self, *names: str) -> str:
        """Return the first of these paths that exists, or an empty string."""
        return next((name for name in names if (self.folder / name).exists()), "")

    def text(self, name: str) -> str:
        """Return the text of a file, or an empty string if it is missing."""
        file = self.folder / name
        return decode(file.read_bytes()) if name and file.is_file() else ""

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Return the paths that git tracks in the folder."""
        listed = git(self.folder, "ls-files", "-z").split("\0")
        return tuple(name for name in listed if (self.folder / name).is_file())

    @cached_property
    def modules(self) -> dict[str, frozenset[str]]:
        """Map every Python file to the packages that it imports."""
        names = (name for name in self.files if name.endswith(".py"))
        return {name: frozenset(IMPORT.findall(self.text(name))) for name in names}

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        """Read pyproject.toml. Raises RefusalError."""
        try:
            return tomllib.loads(self.text("pyproject.toml"))
        except tomllib.TOMLDecodeError as error:
            raise RefusalError(f"pyproject.toml: {error}") from error

    @property
    def poetry(self) -> dict[str, Any]:
        """Return the table [tool.poetry]."""
        return dict(self.pyproject.get("tool", {}).get("poetry", {}))

    def project(self, *keys: str) -> tuple[Any, str]:
        """Return a value of [project] or [tool.poetry], and where it was found."""
        for table, place in (
            (self.pyproject.get("project", {}), "project"),
            (self.poetry, "tool.poetry"),
        ):
            for key in keys:
                if value := table.get(key):
                    return value, f"pyproject.toml, {place}.{key}"
        return None, ""

    @cached_property
    def setup(self) -> configparser.ConfigParser:
        """Read setup.cfg. Raises RefusalError."""
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(self.text("setup.cfg"))
        except configparser.Error as error:
            reason = " ".join(str(error).replace("<string>", "setup.cfg").split())
            raise RefusalError(f"setup.cfg: {reason}") from error
        return parser

    @cached_property
    def dependencies(self) -> dict[str, Requirement]:
        """Map every required distribution to its versions and its file."""
        found: dict[str, Requirement] = {}
        for pattern in ("requirements*/*.txt", "requirements*.txt", "requirements*.in"):
            for path in sorted(self.folder.glob(pattern)):
                name = path.relative_to(self.folder).as_posix()
                _collect(self.text(name).splitlines(), name, found)
        required = self.setup.get("options", "install_requires", fallback="")
        _collect(required.splitlines(), "setup.cfg", found)
        _collect(self._declared(), "pyproject.toml", found)
        setup = re.findall(r"[\"']([\w.-]+ ?[^\"']*)[\"']", self._setup_requirements())
        _collect(setup, "setup.py", found)
        packages = re.search(r"(?s)\[packages\](.*?)(\n\[|\Z)", self.text("Pipfile"))
        _collect(packages[1].splitlines() if packages else [], "Pipfile", found)
        return found

    def _setup_requirements(self) -> str:
        """Return the list install_requires of setup.py, as it is written."""
        found = re.search(
            r"(?s)install_requires\s*=\s*\[(.*?)\]", self.text("setup.py")
        )
        return found[1] if found else ""

    def _declared(self) -> list[str]:
        """Return the requirements of pyproject.toml, from all of its tables."""
        project = self.pyproject.get("project", {})
        groups = [
            project.get("dependencies", []),
            *project.get("optional-dependencies", {}).values(),
            *self.pyproject.get("dependency-groups", {}).values(),
        ]
        tables = [self.poetry, *self.poetry.get("group", {}).values()]
        return [one for group in groups for one in group if isinstance(one, str)] + [
            f"{name} {_versions(entry)}"
            for table in tables
            for name, entry in table.get("dependencies", {}).items()
        ]

    def locked(self, name: str) -> tuple[str, str]:
        """Return the version of a distribution in a lock file, and that file."""
        for file in ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"):
            pattern = rf'"{name}"[^}}]*?version"?\s*[=:]+\s*"=*(\d[\w.]*)"'
            if found := re.search(pattern, self.text(file)):
                return found[1], file
        return "", ""


def _versions(entry: Any) -> str:
    """Return the versions in an entry of Poetry: a text, a table, or a list."""
    if isinstance(entry, dict):
        return str(entry.get("version", ""))
    return str(entry) if isinstance(entry, str) else ""


def _collect(lines: Iterable[str], place: str, found: dict[str, Requirement]) -> None:
    """Add the names of requirements; skip options and comments."""
    for line in lines:
        if match := NAME.match(line):
            name = re.sub(r"[-_.]+", "-", match[1]).lower()
            versions = re.sub(r"^=\s+|.*\bversion\s*=(?!=)", "", match[2]).strip(
                " \"'}"
            )
            found.setdefault(name, Requirement(versions, place))
