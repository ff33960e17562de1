"""Every pair of answers occurs in a cell of the matrix."""

from itertools import combinations

import pytest

from extensions import questions as asked
from tests.support import matrix
from tests.support.matrix import CELLS, COVER, DAILY


def possible() -> set[frozenset[tuple[str, object]]]:
    """Return all pairs of answers to two questions."""
    answers = {
        name: [(name, answer) for answer in answers]
        for name, answers in matrix.offered().items()
    }
    return {
        frozenset((one, two))
        for first, second in combinations(answers.values(), 2)
        for one in first
        for two in second
    }


def test_every_pair_of_answers_is_in_a_cell() -> None:
    met = set().union(*map(matrix.pairs, CELLS.values()))

    assert possible() - met == set()
    assert met == possible()


def test_missing_pair_is_found() -> None:
    alone = set().union(*map(matrix.pairs, [CELLS["standard"], CELLS["minimal"]]))

    assert possible() - alone


def test_cells_are_the_same_in_every_worker() -> None:
    assert matrix.cover() == COVER


def test_every_answer_is_checked_on_every_push() -> None:
    given = {pair for name in DAILY for pair in matrix.whole(CELLS[name]).items()}

    assert given == {(name, a) for name, all_ in matrix.offered().items() for a in all_}
    assert len(DAILY) < len(CELLS)


def test_new_choice_is_added_to_the_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    known = asked.questions()
    new = asked.Question("theme", "str", "plain", ("plain", "dark"))
    monkeypatch.setattr(matrix, "questions", lambda: known | {"theme": new})
    themes = {cell["theme"] for cell in matrix.cover().values()}

    assert themes == {"plain", "dark"}
