"""Types of text in requests, with one normal form for all spellings."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any
from unicodedata import combining, is_normalized, normalize

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler

# Rejected in a text: control characters except tab and line breaks, overrides of the
# writing direction, noncharacters. OpenAPI clients see these patterns.
CONTROLS = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
    r"\ufdd0-\ufdef\ufffe\uffff"
)
# Rejected in a name: all of them, and characters that are invisible.
INVISIBLE = (
    r"\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b"
    r"\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufeff\uffa0"
    r"\ufff0-\ufffc\ufffe\uffff"
)
# Emoji and several scripts need these. Between ASCII characters they have no effect.
JOINERS = r"\u200c\u200d\ufe00-\ufe0f"
# Not all clients can read characters above U+FFFF in a pattern.
HIDDEN = re.compile(
    rf"(?<![^\x00-\x7f])[{JOINERS}](?![^\x00-\x7f])"
    r"|[\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
SPACES = re.compile(r"[ \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def normalize_text(text: str) -> str:
    """Return a text in the normal form NFC.

    Raises ValueError for more than 30 combining marks in a row (UAX #15), because the
    time to sort them is quadratic.
    """
    if is_normalized("NFC", text):
        return text
    runs = groupby(map(combining, text), bool)
    if any(is_mark and len([*run]) > 30 for is_mark, run in runs):
        raise ValueError("More than 30 combining marks in a row are not allowed")
    return normalize("NFC", text)


def normalize_name(text: str) -> str:
    """Return a name in NFC, with single spaces between its words (RFC 8266).

    Raises ValueError for a character that is invisible.
    """
    name = SPACES.sub(" ", normalize_text(text)).strip(" ")
    if HIDDEN.search(name):
        raise ValueError("String has an invisible character")
    return name


@dataclass(frozen=True)
class MultiLine:
    """Annotation of a text: `Annotated[str, MultiLine(500)]`.

    The limits apply to the normal form, which is at least a quarter as long.
    """

    max_length: int
    min_length: int | None = None
    pattern: str | None = f"^[^{CONTROLS}]*$"
    normalize: Callable[[str], str] = normalize_text

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> Any:
        """Validate the normal form of a value that is a text."""

        def prepare(value: Any) -> Any:
            is_text = isinstance(value, str) and len(value) <= 4 * self.max_length
            return self.normalize(value) if is_text else value

        limits = Field(
            min_length=self.min_length, max_length=self.max_length, pattern=self.pattern
        )
        return handler.generate_schema(Annotated[str, limits, BeforeValidator(prepare)])


@dataclass(frozen=True)
class SingleLine(MultiLine):
    """Annotation of a name, which is one line without invisible characters."""

    min_length: int | None = 1
    pattern: str | None = f"^[^{INVISIBLE}]*[^\\s{JOINERS}{INVISIBLE}][^{INVISIBLE}]*$"
    normalize: Callable[[str], str] = normalize_name


class SortBy:
    """Annotation of a sort: `Annotated[str, SortBy("name", "created_at")]`.

    A value is one or more of these names, separated by commas. A name after `-` sorts
    in descending order.
    """

    def __init__(self, *names: str) -> None:
        self.names = names

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> Any:
        """Validate the names, and document them in the OpenAPI schema."""
        name = f"-?({'|'.join(self.names)})"
        pattern = f"^{name}(,{name}){{0,{len(self.names) - 1}}}$"
        text = Field(
            description="Names, separated by commas; `-` before a name: descending.",
            json_schema_extra={"pattern": pattern},
        )
        return handler.generate_schema(Annotated[str, text, AfterValidator(self.check)])

    def check(self, sort: str) -> str:
        """Return a valid sort. Raises ValueError, with the names that are allowed."""
        names = [name.removeprefix("-") for name in sort.split(",")]
        if len(names) > len(self.names) or not {*names} <= {*self.names}:
            raise ValueError(f"Allowed, also with '-': {', '.join(self.names)}")
        return sort
