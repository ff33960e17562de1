"""Mistakes of template authors, as functions that change a template folder."""

from collections.abc import Callable
from pathlib import Path

from tests.support.commands import append

Fault = Callable[[Path], object]


def nothing(_: Path) -> None:
    """Leave the template unchanged."""


def both(*faults: Fault) -> Fault:
    """Apply several faults in sequence."""
    return lambda template: [plant(template) for plant in faults]


def instead(name: str, old: str, new: str) -> Fault:
    """Replace text in a file."""

    def plant(template: Path) -> None:
        file = template / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def more(name: str, text: str) -> Fault:
    """Append text to a file, which may be new."""

    def plant(template: Path) -> None:
        file = template / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
        append(file, text)

    return plant


def moving(old: str, new: str) -> Fault:
    """Rename a file."""
    return lambda template: (template / old).rename(template / new)


def dropping(name: str) -> Fault:
    """Delete a file."""
    return lambda template: (template / name).unlink()


def mode(name: str, bits: int) -> Fault:
    """Change the permissions of a file."""
    return lambda template: (template / name).chmod(bits)
