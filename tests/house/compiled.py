"""Compiles each text of the template once: Copier does it for every part of a path."""

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from jinja2 import Environment

COMPILED: dict[tuple[object, ...], Any] = {}
DELIMITERS = ("block_start_string", "variable_start_string", "comment_start_string")
ONCE = Environment.compile


def compile_once(environment: Environment, source: Any, *rest: Any, **more: Any) -> Any:
    """Give the code of a text, which depends on nothing but what is in its key."""
    marks = tuple(getattr(environment, name) for name in DELIMITERS)
    key = (source, rest, *sorted(more.items()), marks, *environment.extensions)
    if not isinstance(source, str):
        return ONCE(environment, source, *rest, **more)
    if key not in COMPILED:
        COMPILED[key] = ONCE(environment, source, *rest, **more)
    return COMPILED[key]


def compiled_once() -> AbstractContextManager[object]:
    """Remember, as long as this lasts."""
    return patch.object(Environment, "compile", compile_once)
