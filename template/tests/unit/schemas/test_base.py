"""What the bodies of requests and answers have in common."""

from types import SimpleNamespace
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from app.schemas.base import NO_NUL, SINGLE_LINE, RequestModel, ResponseModel


class Letter(RequestModel):
    """A body that is written to us."""

    body: str = ""


class Receipt(ResponseModel):
    """A body that we write."""

    number: int


def fits(pattern: str, text: str) -> bool:
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)]).validate_python(text)
    except ValidationError:
        return False
    return True


def test_a_member_that_we_do_not_know_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="boby"):
        Letter.model_validate({"boby": "dear"})


def test_an_answer_is_made_of_a_row_and_of_an_entity() -> None:
    row, entity = {"number": 2}, SimpleNamespace(number=2)

    assert Receipt.model_validate(row) == Receipt.model_validate(entity)


def test_an_answer_holds_nothing_that_it_does_not_name() -> None:
    row = {"number": 2, "price": 3}

    assert Receipt.model_validate(row).model_dump() == {"number": 2}


@pytest.mark.parametrize("text", ["", "a\nb\tc", "é 💡"])
def test_a_text_may_be_anything_that_can_be_stored(text: str) -> None:
    assert fits(NO_NUL, text)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "half \ud800"])
def test_a_text_that_can_not_be_stored_does_not_fit(text: str) -> None:
    assert not fits(NO_NUL, text)


@pytest.mark.parametrize("text", ["a", " a b ", "é", "💡"])
def test_a_line_shows_something(text: str) -> None:
    assert fits(SINGLE_LINE, text)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "a\nb", "a\n", "a\x7f", "\x00"])
def test_what_is_no_visible_line_does_not_fit(text: str) -> None:
    assert not fits(SINGLE_LINE, text)
