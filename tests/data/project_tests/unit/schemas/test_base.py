"""Base classes of request and response models."""

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from app.schemas.base import NO_NUL, SINGLE_LINE


def fits(pattern: str, text: str) -> bool:
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)]).validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("text", ["", "a\nb\tc", "é 💡"])
def test_no_nul_accepts_every_text_that_can_be_stored(text: str) -> None:
    assert fits(NO_NUL, text)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "half \ud800"])
def test_no_nul_rejects_nul_and_lone_surrogates(text: str) -> None:
    assert not fits(NO_NUL, text)


@pytest.mark.parametrize("text", ["a", " a b ", "é", "💡"])
def test_single_line_accepts_visible_text(text: str) -> None:
    assert fits(SINGLE_LINE, text)


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "a\nb", "a\n", "a\x7f", "\x00"])
def test_single_line_rejects_blank_text_and_line_breaks(text: str) -> None:
    assert not fits(SINGLE_LINE, text)
