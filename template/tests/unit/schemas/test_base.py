"""Base classes of request and response models, and their types of text."""

from types import SimpleNamespace
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from app.core.text import MultiLine, SingleLine
from app.schemas.base import RequestModel, ResponseModel

NAME: TypeAdapter[str] = TypeAdapter(Annotated[str, SingleLine(120)])
TEXT: TypeAdapter[str] = TypeAdapter(Annotated[str, MultiLine(500)])


class Letter(RequestModel):
    """A request body."""

    body: str = ""


class Receipt(ResponseModel):
    """A response body."""

    number: int


def test_unknown_field_is_rejected() -> None:
    with pytest.raises(ValidationError, match="boby"):
        Letter.model_validate({"boby": "dear"})


def test_response_is_created_from_a_row_or_an_entity() -> None:
    row, entity = {"number": 2}, SimpleNamespace(number=2)

    assert Receipt.model_validate(row) == Receipt.model_validate(entity)


def test_response_has_only_its_own_fields() -> None:
    row = {"number": 2, "price": 3}

    assert Receipt.model_validate(row).model_dump() == {"number": 2}


@pytest.mark.parametrize("name", ["x" * 120, "a b", "lampe à huile", "灯", "💡"])
def test_name_is_one_visible_line(name: str) -> None:
    assert NAME.validate_python(name) == name


@pytest.mark.parametrize(
    "name", ["", "two\nlines", "\u202e", "a\u200db", "a" + "\u0315\u0300" * 20]
)
def test_name_with_an_invisible_character_is_rejected(name: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(name)


def test_spellings_of_a_text_have_one_normal_form() -> None:
    assert NAME.validate_python(" the\u0301\u2003vert ") == "thé vert"
    assert TEXT.validate_python("a\nthe\u0301\t") == "a\nthé\t"
