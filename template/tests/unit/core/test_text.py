"""Types of text in request bodies."""

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from app.core.text import MultiLine, SingleLine

NAME: TypeAdapter[str] = TypeAdapter(Annotated[str, SingleLine(120)])
TEXT: TypeAdapter[str] = TypeAdapter(Annotated[str, MultiLine(500)])


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
