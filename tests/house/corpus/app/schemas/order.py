"""Orders as the outside writes and reads them."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import EmailStr, Field, RootModel, field_validator, model_validator

from app.schemas.base import Answer, Request

Reference = Annotated[str, Field(min_length=1, max_length=40)]
type Names = list[Reference]


class Shipping(StrEnum):
    """How it gets there."""

    SLOW = "slow"
    FAST = "fast"


class OrderCreate(Request):
    """A new order."""

    reference: Reference
    email: EmailStr
    lines: Names = Field(min_length=1)
    shipping: Shipping = Shipping.SLOW
    kind: Literal["order"] = "order"

    @field_validator("reference")
    @classmethod
    def be_printable(cls, reference: str) -> str:
        """Refuse what nobody could read out."""
        if not reference.isprintable():
            raise ValueError("a reference can be printed")
        return reference

    @model_validator(mode="after")
    def be_consistent(self) -> Self:
        """Refuse a fast order of many things."""
        if self.shipping is Shipping.FAST and len(self.lines) > 3:
            raise ValueError("a fast order has at most three lines")
        return self


class OrderRead(Answer):
    """An order as it is stored."""

    id: UUID
    reference: str
    state: str
    total: int


class OrderError(Answer):
    """Why one line of many was not taken; it is a body, not an exception."""

    line: int
    reason: str


class LengthError(OrderError):
    """It was too long."""

    longest: int


class OrderList(RootModel[list[OrderRead]]):
    """Some orders."""
