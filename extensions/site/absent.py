"""Modules that Copier imports and only a terminal needs, without their packages.

The browser imports this module before Copier.
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


for name in UNIX + TERMINAL:
    sys.modules[name] = Absent(name)
sys.modules["questionary.prompts.common"].Choice = Choice  # type: ignore[attr-defined]
