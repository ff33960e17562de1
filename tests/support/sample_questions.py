"""The template's questions with a few files that show what became of the answers."""

import ast
import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from extensions.questions import ROOT, questions
from extensions.rendering import answers_of
from tests.support.answers import TEXTS

# How a text stands between double quotes, and who has to understand it.
READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "toml": ('{0} = "{1}"', tomllib.loads),
    "yaml": ('{0}: "{1}"', yaml.safe_load),
    "json": ('{{"{0}": "{1}"}}', json.loads),
    "py": ('{{\n    "{0}": "{1}",\n}}', ast.literal_eval),
}
KEPT = ("LICENSE.jinja", "{{ _copier_conf.answers_file }}.jinja")


def build(place: Path) -> Path:
    """Make a template that is rendered in no time: all questions, no service."""
    shutil.copy(ROOT / "copier.yml", place)
    for name in ("alternatives", "features", "includes", "questions"):
        shutil.copytree(ROOT / name, place / name)
    (place / "template").mkdir()
    for name in KEPT:
        shutil.copy(ROOT / "template" / name, place / "template")
    for name, content in files().items():
        (place / "template" / f"{name}.jinja").write_text(content, encoding="utf-8")
    return place


def files() -> dict[str, str]:
    """Write one file for the computed values, and one for each text and language."""
    values = ", ".join(f"'{name}': {name}" for name in computed())
    return {
        "derived.json": f"{{{{ {{{values}}} | to_json }}}}",
        **{
            f"{text}.{kind}": line.format(text, f"{{{{ escaped.{text} }}}}") + "\n"
            for text in TEXTS
            for kind, (line, _) in READERS.items()
        },
    }


def computed() -> list[str]:
    """Name the values that nobody is asked for."""
    return [name for name, question in questions().items() if not question.asked]


def derived(project: Path) -> dict[str, Any]:
    """Read the computed values."""
    return dict(json.loads(read(project / "derived.json")))


def recorded(project: Path) -> dict[str, Any]:
    """Read the answers that an update will start from."""
    answers = answers_of(project).items()
    return {name: answer for name, answer in answers if not name.startswith("_")}


def misread(project: Path, text: str) -> list[str]:
    """Name the files in which a text did not stay what it is."""
    return [
        f"{name}.{kind}"
        for name in TEXTS
        for kind, (_, understand) in READERS.items()
        if understand(read(project / f"{name}.{kind}")) != {name: text}
    ]


def read(path: Path) -> str:
    """Read a rendered file."""
    return path.read_text(encoding="utf-8")
