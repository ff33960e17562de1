"""Projects for the documentation: what an answer adds, and pages of whole projects."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jinja2 import Environment

from extensions.questions import Question
from extensions.site.compiled import compile_once
from extensions.site.configurator import Configurator

REQUIREMENT = re.compile(r'^ +"([a-z][a-z0-9-]*(?:\[[a-z,]+\])?)[<>=~!].*",$', re.M)
VARIABLE = re.compile(r"^\| `([A-Z_]+)` \|", re.M)

Project = dict[str, str]


@dataclass(frozen=True)
class Addition:
    """What a feature adds to a project with the default answers."""

    files: list[str]
    dependencies: list[str]
    variables: list[str]


class Samples:
    """Renders projects in this process, each text compiled once."""

    def __init__(self, source: Path, destination: Path) -> None:
        """Use an unpacked template, and a folder for projects."""
        self.configurator = Configurator(str(source), str(destination), "site", "site")

    def project(self, answers: dict[str, Any]) -> Project:
        """Render a project; return its files as text."""
        with patch.object(Environment, "compile", compile_once):
            self.configurator.update(json.dumps(answers), lambda _: None)
        files = self.configurator.project.items()
        return {name: content.decode() for name, content in files}

    def addition(self, question: Question) -> Addition:
        """Compare the projects with and without a feature."""
        new = self.project({question.name: True})
        old = self.project({question.name: False})
        return Addition(
            files=[name for name in new if name not in old],
            dependencies=added(REQUIREMENT, "pyproject.toml", old, new),
            variables=added(VARIABLE, "docs/settings.md", old, new),
        )


def added(pattern: re.Pattern[str], file: str, old: Project, new: Project) -> list[str]:
    """Return the matches in a file of one project that another one does not have."""
    before, after = pattern.findall(old[file]), pattern.findall(new[file])
    return [name for name in after if name not in before]
