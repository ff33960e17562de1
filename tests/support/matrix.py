"""The sets of answers that every gate is tested with: presets and pairs."""

from itertools import combinations
from typing import Any

import pytest
from allpairspy import AllPairs

from extensions.questions import Question, questions
from extensions.rendering import presets

Cell = dict[str, Any]

# The project without any optional part.
NOTHING = presets()["minimal"]
# The project with every optional part that is off by default.
EVERYTHING: Cell = dict.fromkeys(
    (
        "jobs",
        "redis",
        "idempotency",
        "roles",
        "api_keys",
        "oidc",
        "telemetry",
        "sentry",
        "kubernetes",
        "devcontainer",
        "mail",
    ),
    True,
)
# Python versions that every machine for the tests has.
RUNNING = {"python_version": ("3.12", "3.13")}


def offered() -> dict[str, tuple[Any, ...]]:
    """Return the choices of each question that has choices, the default first."""
    return {
        name: tuple(sorted(choices(question), key=lambda it: it != question.default))
        for name, question in questions().items()
        if question.asked and choices(question)
    }


def choices(question: Question) -> tuple[Any, ...]:
    """Return the choices of a question, or none for free text."""
    if question.kind == "bool":
        return (True, False)
    return RUNNING.get(question.name, question.choices)


def whole(answers: Cell) -> Cell:
    """Add the defaults of the other questions."""
    return {name: first for name, (first, *_) in offered().items()} | answers


def cover() -> dict[str, Cell]:
    """Return cells in which every pair of answers occurs, presets included."""
    offer, default = offered(), whole({})
    given = [list(whole(answers).values()) for answers in presets().values()]
    covering = AllPairs([*offer.values()], previously_tested=given)
    cells = [dict(zip(offer, cell, strict=True)) for cell in covering]
    return {title(cell, default): cell for cell in cells}


def title(cell: Cell, default: Cell) -> str:
    """Return the name of a cell: the answers that differ from the defaults."""
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
    """Return all pairs of answers of a cell."""
    return {frozenset(pair) for pair in combinations(whole(answers).items(), 2)}


def sample(cells: dict[str, Cell]) -> list[str]:
    """Return few cells that contain every answer once, with the presets.

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
# What needs three answers: migrations that follow another revision, mail without jobs,
# users of providers without permissions, a cluster without secrets.
TRIPLES = {
    title(cell, whole({})): cell
    for cell in (
        whole({"jobs": True, "idempotency": True, "auth": False}),
        whole({"jobs": True, "idempotency": True, "auth": False, "example": False}),
        whole({"mail": True, "oidc": True, "kubernetes": True}),
        whole({"kubernetes": True, "auth": False, "database": "sqlite"}),
    )
}
CELLS = presets() | COVER | TRIPLES
DAILY = [*presets(), *sample(COVER)]
# Checking an installed project takes a minute: most cells run at night.
GATED = [
    pytest.param(name, marks=[] if name in DAILY else [pytest.mark.nightly])
    for name in CELLS
]
