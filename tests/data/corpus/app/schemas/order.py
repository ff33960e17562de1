"""Request and response bodies of orders."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import EmailStr, Field, RootModel, field_validator, model_validator

from app.schemas.base import Page, RequestModel, ResponseModel

Reference = Annotated[str, Field(min_length=1, max_length=40)]
type Names = list[Reference]


class Shipping(StrEnum):
    """Way of delivery."""

    SLOW = "slow"
    FAST = "fast"


class OrderCreate(RequestModel):
    """A new order."""

    reference: Reference
    email: EmailStr
    lines: Names = Field(min_length=1)
    shipping: Shipping = Shipping.SLOW
    kind: Literal["order"] = "order"

    @field_validator("reference")
    @classmethod
    def be_printable(cls, reference: str) -> str:
        """Reject references that can not be printed."""
        if not reference.isprintable():
            raise ValueError("a reference can be printed")
        return reference

    @model_validator(mode="after")
    def be_consistent(self) -> Self:
        """Reject fast orders of many lines."""
        if self.shipping is Shipping.FAST and len(self.lines) > 3:
            raise ValueError("a fast order has at most three lines")
        return self


class OrderRead(ResponseModel):
    """An order."""

    id: UUID
    reference: str
    state: str
    total: int


class OrderError(ResponseModel):
    """The error of one line. It is a response body, not an exception."""

    line: int
    reason: str


class LengthError(OrderError):
    """The line is too long."""

    longest: int


class OrderPage(Page[OrderRead]):
    """One page of the orders."""


class OrderList(RootModel[list[OrderRead]]):
    """Some orders."""
