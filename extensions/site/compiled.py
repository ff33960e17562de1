"""A cache of compiled Jinja texts: most of a template's texts are in every project."""

from typing import Any

from jinja2 import Environment

DELIMITERS = ("block_start_string", "variable_start_string", "comment_start_string")
COMPILE = Environment.compile
COMPILED: dict[tuple[object, ...], Any] = {}


def compile_once(
    environment: Environment,
    source: Any,
    name: str | None = None,
    filename: str | None = None,
    **more: Any,
) -> Any:
    """Return the compiled code of a text, cached by everything that it depends on."""
    if not isinstance(source, str):
        return COMPILE(environment, source, name, filename, **more)
    marks = tuple(getattr(environment, mark) for mark in DELIMITERS)
    key = (source, name, *sorted(more.items()), marks, *environment.extensions)
    if key not in COMPILED:
        COMPILED[key] = COMPILE(environment, source, name, filename, **more)
    return COMPILED[key]
