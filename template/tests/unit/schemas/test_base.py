"""Base classes of request and response models."""

from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from app.schemas.base import RequestModel, ResponseModel


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
