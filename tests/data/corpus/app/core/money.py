"""Amounts of money, exact to the cent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import ClassVar, Final, Self

CENT = Decimal("0.01")
_ROUNDED: Final = ROUND_HALF_EVEN


class Currency(StrEnum):
    """Currency of an amount."""

    EUR = "eur"
    USD = "usd"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of one currency."""

    zero: ClassVar[Decimal] = Decimal(0)
    amount: Decimal
    currency: Currency = Currency.EUR

    def __add__(self, other: Self) -> Self:
        if other.currency != self.currency:
            raise ValueError("two currencies have no sum")
        return type(self)(self._rounded(self.amount + other.amount), self.currency)

    def same_as(self, other: Self) -> bool:
        """Compare the rounded amounts."""
        return self._rounded(self.amount) == other._rounded(other.amount)

    @staticmethod
    def _rounded(amount: Decimal) -> Decimal:
        return amount.quantize(CENT, rounding=_ROUNDED)
