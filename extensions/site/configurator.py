"""Copier behind a web page: runs in the browser, and once in the build.

`Configurator` renders a project for the answers of a `Form`. Copier's own loop decides
what is asked, in which order, with which default, and which answers are refused.
"""

import difflib
import io
import json
import time
import zipfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from typing import Any

import copier._main
from copier._main import Worker
from copier._settings import SettingsModel
from copier._template import Template


class RefusedError(Exception):
    """Copier refuses an answer, so there is no project."""


class Form:
    """The questions that Copier asks, each with its answer."""

    def __init__(self, answers: dict[str, Any]) -> None:
        """Store the answers of the page; other questions have their defaults."""
        self.answers = answers
        self.fields: list[dict[str, Any]] = []

    def ask(self, structures: list[Any], answers: dict[str, Any]) -> dict[str, Any]:
        """Answer one question, in place of questionary's `unsafe_prompt`."""
        (structure,) = structures
        name, default = structure["name"], answers[structure["name"]]
        if not structure["when"](answers):
            return {name: default}
        value = self.answers.get(name, default)
        # Only text has a `validate`; the filter is a method of the question itself.
        problem = refusal(structure["filter"].__self__, value)
        self.fields.append(
            {
                "name": name,
                "kind": structure["type"],
                "help": structure["message"].strip(),
                "choices": [
                    {"title": one.title, "value": one.value, "disabled": one.disabled}
                    for one in structure.get("choices", [])
                ],
                "default": default,
                "value": value,
                "problem": problem,
            }
        )
        return {name: default if problem else value}

    def json(self) -> str:
        """Return the fields for the page."""
        return json.dumps(self.fields)


def refusal(question: Any, value: object) -> str:
    """Return Copier's words about an answer, without the name of its question."""
    try:
        question.validate_answer(question.parse_answer(value))
    except Exception as error:
        # Each type of question raises errors of its own; so does Copier's prompt.
        return str(error).partition(": ")[2] or str(error) or "Invalid input"
    return ""


class PageWorker(Worker):
    """Copier's worker with a form as its terminal."""

    unpacked: Template
    form: Form
    show: Callable[[Form], None]

    @cached_property
    def template(self) -> Template:
        """The unpacked release."""
        return self.unpacked

    def _ask(self) -> None:
        """Ask the form, and show it. Raises RefusedError if an answer is refused."""
        names = vars(copier._main)
        terminal, names["unsafe_prompt"] = names["unsafe_prompt"], self.form.ask
        try:
            super()._ask()
        finally:
            names["unsafe_prompt"] = terminal
        self.show(self.form)
        if any(field["problem"] for field in self.form.fields):
            raise RefusedError


class Configurator:
    """An unpacked release of the template, and the project of the last answers."""

    def __init__(self, source: str, destination: str, url: str, commit: str) -> None:
        """Pin the template: there is no git that could describe the folder."""
        self.template = Template(url=url)
        self.template.local_abspath = Path(source)
        self.template.commit = commit
        self.destination = Path(destination)
        self.project: dict[str, bytes] = {}
        self.previous: dict[str, bytes] = {}

    def update(self, answers: str, show: Callable[[Form], None]) -> str:
        """Ask, show the form, and render; return the states of all files.

        Args:
            answers: A JSON object.
            show: Called with the form, before the project is rendered.

        Returns:
            A JSON object of paths and states; empty if an answer is refused.
        """
        rmtree(self.destination, ignore_errors=True)  # Its answers would be defaults.
        with PageWorker(
            src_path=self.template.url,
            dst_path=self.destination,
            settings=SettingsModel(),
            quiet=True,
        ) as worker:
            worker.unpacked, worker.show = self.template, show
            worker.form = Form(json.loads(answers))
            try:
                worker.run_copy()
            except RefusedError:
                return "{}"
        rendered = {name: path.read_bytes() for name, path in self._paths().items()}
        self.previous, self.project = self.project or rendered, rendered
        return json.dumps(self._states())

    def text(self, name: str) -> str:
        """Return a file of the project."""
        return self.project.get(name, b"").decode(errors="replace")

    def changes(self, name: str) -> str:
        """Return what the last answers changed in a file, as a unified diff."""
        old, new = (
            project.get(name, b"").decode(errors="replace").splitlines(keepends=True)
            for project in (self.previous, self.project)
        )
        return "".join(difflib.unified_diff(old, new, "before", "after"))

    def archive(self, folder: str) -> bytes:
        """Return the project as a zip file, with the modes of its files."""
        packed = io.BytesIO()
        now = time.localtime()[:6]
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in self._paths().items():
                entry = zipfile.ZipInfo(f"{folder}/{name}", now)
                entry.external_attr = path.stat().st_mode << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        return packed.getvalue()

    def _paths(self) -> dict[str, Path]:
        """Return the rendered files by their names."""
        return {
            path.relative_to(self.destination).as_posix(): path
            for path in sorted(self.destination.rglob("*"))
            if path.is_file()
        }

    def _states(self) -> dict[str, str]:
        """Return for each file whether it was added, removed or changed, or nothing."""
        old, new = self.previous, self.project
        return {
            name: (
                "removed"
                if name not in new
                else (
                    "added" if name not in old else "changed" * (old[name] != new[name])
                )
            )
            for name in sorted(old.keys() | new.keys())
        }
