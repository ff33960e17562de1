"""Request bodies of items."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.schemas.item import ItemCreate


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": None},
        {"name": ""},
        {"name": "   "},
        {"name": "\u00a0"},
        {"name": "x" * 121},
        {"name": "two\nlines"},
        {"name": "bell\x07"},
        {"name": "nul\x00"},
        {"name": "half \ud800"},
        {"name": "lamp", "colour": "red"},
        {"name": "lamp", "description": "nul\x00"},
        {"name": "lamp", "description": "x" * 10_001},
        {"name": "lamp", "tags": None},
        {"name": "lamp", "tags": "warm"},
        {"name": "lamp", "tags": [""]},
        {"name": "lamp", "tags": ["x" * 65]},
        {"name": "lamp", "tags": ["two\nlines"]},
        {"name": "lamp", "tags": [str(number) for number in range(51)]},
    ],
)
def test_invalid_item_is_rejected(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ItemCreate.model_validate(fields)
