"""Prepares Python in the browser. Import this module before Copier.

Replaces modules that Copier imports and only a terminal needs: they are large. Compiles
each text of the template once, because the page renders after every answer.
"""

import sys
import types
from typing import Any

UNIX = ("grp", "pwd")
TERMINAL = (
    "prompt_toolkit",
    "prompt_toolkit.lexers",
    "prompt_toolkit.validation",
    "pygments",
    "pygments.lexers",
    "pygments.lexers.data",
    "questionary",
    "questionary.prompts",
    "questionary.prompts.common",
)


class Absent(types.ModuleType):
    """A module whose names exist, and do nothing."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """Return a class that accepts every argument."""
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": lambda *_, **__: None})


class Choice:
    """A choice of a question, as Copier creates and reads it."""

    def __init__(self, title: str, value: Any = None, disabled: str | None = None):
        """Store the parts."""
        self.title, self.value, self.disabled = title, value, disabled


def prepare() -> None:
    """Replace the modules, and the compiler of Jinja."""
    for name in UNIX + TERMINAL:
        sys.modules[name] = Absent(name)
    vars(sys.modules["questionary.prompts.common"])["Choice"] = Choice
    from jinja2 import Environment

    from extensions.site.compiled import compile_once

    Environment.compile = compile_once  # type: ignore[method-assign,assignment]
