"""Base classes and text types of request and response bodies."""

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar
from unicodedata import combining, is_normalized, normalize

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)

# Rejected in every text: control characters except tab and line breaks, overrides of
# the writing direction, and noncharacters.
CONTROLS = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
    r"\ufdd0-\ufdef\ufffe\uffff"
)
# Rejected in a name, too: tab, line breaks, and characters that are invisible.
INVISIBLE = (
    r"\t\n\r\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028"
    r"\u2029\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffc"
)
# The same above U+FFFF, and lone surrogates. They are not in the OpenAPI schema, because
# not every client can read them there.
NONCHARACTERS = r"\ud800-\udfff" + "".join(
    rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(1, 17)
)
TAGS = r"\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
# Joiners and variation selectors, which emoji and several scripts need.
JOINERS = r"\u200c\u200d\ufe00-\ufe0f"
SPACES = re.compile(r"[ \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
VISIBLE = re.compile(rf"[^\s{JOINERS}]")


def compose(text: str) -> str:
    """Return a text in the normal form NFC.

    Raises ValueError for more than 30 combining marks in a row (UAX #15), because the
    time to sort them is quadratic.
    """
    if is_normalized("NFC", text):
        return text
    runs = groupby(map(combining, text), bool)
    if any(is_mark and len([*run]) > 30 for is_mark, run in runs):
        raise ValueError("more than 30 combining marks in a row are not allowed")
    return normalize("NFC", text)


@dataclass(frozen=True)
class MultiLine:
    """Annotation of a text: `Annotated[str, MultiLine(500)]`.

    The text gets the normal form NFC, whose length counts.
    """

    max_length: int
    pattern: ClassVar[str] = f"^[^{CONTROLS}]*$"
    rejected: ClassVar[re.Pattern[str]] = re.compile(f"[{CONTROLS}{NONCHARACTERS}]")

    def normalize(self, text: str) -> str:
        """Return the normal form of a text. Raises ValueError."""
        return compose(text)

    def validate(self, text: str) -> str:
        """Return the normal form, if its length and its characters are allowed."""
        # NFC leaves at least a quarter of the length.
        if len(text) <= 4 * self.max_length:
            text = self.normalize(text)
        if len(text) > self.max_length:
            raise ValueError(f"more than {self.max_length} characters are not allowed")
        # The search takes a microsecond for each 30 characters; most texts need none.
        is_plain = text.isascii() and text.isprintable()
        if not is_plain and (found := self.rejected.search(text)):
            raise ValueError(f"the character U+{ord(found[0]):04X} is not allowed")
        return text

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> Any:
        """Validate the text after its type."""
        validator = AfterValidator(self.validate)
        return validator.__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the limits to the OpenAPI schema."""
        limits = {"maxLength": self.max_length, "pattern": self.pattern}
        return handler(schema) | limits


class SingleLine(MultiLine):
    """Annotation of a name, which is one line without invisible characters.

    Leading and trailing spaces are removed, others become one space (RFC 8266).
    """

    pattern = (
        f"^[^{CONTROLS}{INVISIBLE}]*[^\\s{JOINERS}{CONTROLS}{INVISIBLE}]"
        f"[^{CONTROLS}{INVISIBLE}]*$"
    )
    # A joiner between ASCII characters has no effect, so it is invisible there.
    rejected = re.compile(
        f"[{CONTROLS}{INVISIBLE}{NONCHARACTERS}{TAGS}]"
        rf"|(?<![^\x00-\x7f])[{JOINERS}](?![^\x00-\x7f])"
    )

    def normalize(self, text: str) -> str:
        """Return the normal form of a name. Raises ValueError."""
        text = SPACES.sub(" ", compose(text)).strip(" ")
        if not VISIBLE.search(text):
            raise ValueError("a visible character is required")
        return text


class RequestModel(BaseModel):
    """Base of request bodies. Unknown fields, NaN and infinity are rejected."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ResponseModel(BaseModel):
    """Base of response bodies, which are created from rows and entities."""

    model_config = ConfigDict(from_attributes=True)


class Page[T](ResponseModel):
    """One page of a list, and the number of entries on all pages."""

    items: list[T]
    total: int
