"""Types of values in request bodies besides texts and times: numbers and JSON."""

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    PlainSerializer,
    WithJsonSchema,
)

# Digits that a float, and so a number of JSON, has for sure.
FLOAT_DIGITS = 15


def require_number(value: Any) -> Any:
    """Return a number. Raises ValueError for texts, which Pydantic would convert."""
    if isinstance(value, str | bool):
        raise ValueError("Input should be a number")
    return value


def without_exponent(number: Decimal) -> str:
    """Return a decimal as a text: 0.0000001, not 1E-7."""
    return f"{number:f}"


def require_unicode(value: JsonValue) -> JsonValue:
    """Return a value of JSON. Raises ValueError for half of a surrogate pair."""
    json.dumps(value, ensure_ascii=False).encode()
    return value


Int32 = Annotated[int, Field(ge=-(2**31), lt=2**31), BeforeValidator(require_number)]
JsonDocument = Annotated[
    dict[str, JsonValue] | list[JsonValue], AfterValidator(require_unicode)
]

# A decimal in a response.
PlainDecimal = Annotated[Decimal, PlainSerializer(without_exponent, when_used="json")]


@dataclass(frozen=True)
class FixedPoint:
    """Annotation of a decimal: `Annotated[Decimal, FixedPoint(10, 2)]`.

    It has up to 10 digits, 2 of them after the point. A number of JSON is a float, so
    that longer decimals are sent as a text.
    """

    digits: int
    places: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> Any:
        """Validate a number or a text, and document both in the OpenAPI schema."""
        whole, step = self.digits - self.places, Decimal(10) ** -self.places
        exact = min(self.digits, FLOAT_DIGITS) - self.places
        limit = float(Decimal(10) ** exact - step)
        pattern = rf"^-?{f'[0-9]{{1,{whole}}}' if whole else '0'}"
        pattern += rf"(\.[0-9]{{1,{self.places}}})?$" if self.places else "$"

        def parse(value: Any) -> Decimal:
            if type(value) in (int, float) and abs(value) <= limit:
                rounded = f"{value:.{self.places}f}"
                # The result of a calculation such as 0.1 + 0.2 has a wrong last digit.
                if math.isclose(float(rounded), value, rel_tol=1e-14):
                    value = Decimal(rounded)
            text = f"{value:f}" if isinstance(value, Decimal) else value
            if not isinstance(text, str) or not re.fullmatch(pattern, text):
                raise ValueError(
                    f"Decimal should have at most {self.digits} digits, "
                    f"{self.places} of them after the point"
                )
            return Decimal(f"{Decimal(text):z.{self.places}f}")

        number = {"type": "number", "multipleOf": float(step)}
        number |= {"minimum": -limit, "maximum": limit}
        forms = {"anyOf": [number, {"type": "string", "pattern": pattern}]}
        return handler.generate_schema(
            Annotated[PlainDecimal, BeforeValidator(parse), WithJsonSchema(forms)]
        )
