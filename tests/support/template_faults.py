"""Faults that an author might make in the template, as functions of its folder."""

from collections.abc import Callable
from pathlib import Path

from tests.support.commands import append

Fault = Callable[[Path], object]


def nothing(_: Path) -> None:
    """Leave the template as it is."""


def both(*faults: Fault) -> Fault:
    """Plant one after the other."""
    return lambda template: [plant(template) for plant in faults]


def instead(name: str, old: str, new: str) -> Fault:
    """Write something else into a file."""

    def plant(template: Path) -> None:
        file = template / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def more(name: str, text: str) -> Fault:
    """Write at the end of a file, which may be a new one."""

    def plant(template: Path) -> None:
        file = template / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
        append(file, text)

    return plant


def moving(old: str, new: str) -> Fault:
    """Call a file otherwise."""
    return lambda template: (template / old).rename(template / new)


def dropping(name: str) -> Fault:
    """Take a file away."""
    return lambda template: (template / name).unlink()


def mode(name: str, bits: int) -> Fault:
    """Let a file be run, or not."""
    return lambda template: (template / name).chmod(bits)
