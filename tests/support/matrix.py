"""The sets of answers that every gate is held against: presets and a pairwise cover."""

from itertools import combinations
from typing import Any

import pytest
from allpairspy import AllPairs

from extensions.questions import Question, questions
from extensions.rendering import presets

Cell = dict[str, Any]

# Everything that can be left out, left out.
NOTHING = presets()["minimal"]
# Interpreters of every machine that runs the tests.
RUNNING = {"python_version": ("3.12", "3.13")}


def offered() -> dict[str, tuple[Any, ...]]:
    """Give the answers to each question that has only so many, the default first."""
    return {
        name: tuple(sorted(choices(question), key=lambda it: it != question.default))
        for name, question in questions().items()
        if question.asked and choices(question)
    }


def choices(question: Question) -> tuple[Any, ...]:
    """Give what can be answered; none when people type what they like."""
    if question.kind == "bool":
        return (True, False)
    return RUNNING.get(question.name, question.choices)


def whole(answers: Cell) -> Cell:
    """Add the answers that nobody gave."""
    return {name: first for name, (first, *_) in offered().items()} | answers


def cover() -> dict[str, Cell]:
    """Give cells in which every two answers meet; presets are taken as given."""
    offer, default = offered(), whole({})
    given = [list(whole(answers).values()) for answers in presets().values()]
    covering = AllPairs([*offer.values()], previously_tested=given)
    cells = [dict(zip(offer, cell, strict=True)) for cell in covering]
    return {title(cell, default): cell for cell in cells}


def title(cell: Cell, default: Cell) -> str:
    """Name a cell after what is not by default in it."""
    return " ".join(
        (
            f"{'with' if answer else 'without'}-{name}"
            if answer in (True, False)
            else answer
        )
        for name, answer in cell.items()
        if answer != default[name]
    )


def pairs(answers: Cell) -> set[frozenset[tuple[str, Any]]]:
    """Give every two answers that meet in a cell."""
    return {frozenset(pair) for pair in combinations(whole(answers).items(), 2)}


def sample(cells: dict[str, Cell]) -> list[str]:
    """Name few cells that together with the presets give every answer once.

    Of two that give as many, the one without pip, whose lock takes a minute.
    """
    missing = {(name, one) for name, all_ in offered().items() for one in all_}
    for answers in presets().values():
        missing -= whole(answers).items()
    chosen: list[str] = []

    def worth(name: str) -> tuple[int, bool]:
        cell = cells[name]
        return len(missing & cell.items()), cell["package_manager"] != "pip"

    while missing:
        chosen.append(max(cells, key=worth))
        missing -= cells[chosen[-1]].items()
    return chosen


COVER = cover()
CELLS = presets() | COVER
DAILY = [*presets(), *sample(COVER)]
# A project that is installed and checked costs a minute: most are left to the night.
GATED = [
    pytest.param(name, marks=[] if name in DAILY else [pytest.mark.nightly])
    for name in CELLS
]
