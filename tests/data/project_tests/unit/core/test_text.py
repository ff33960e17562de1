"""Text types of request bodies: normal forms, and characters that are rejected."""

import re
from time import process_time
from typing import Annotated, Any
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis.strategies import characters, sampled_from, text
from pydantic import TypeAdapter, ValidationError

from app.core.text import MultiLine, SingleLine

LINE: TypeAdapter[str] = TypeAdapter(Annotated[str, SingleLine(120)])
TEXT: TypeAdapter[str] = TypeAdapter(Annotated[str, MultiLine(10_000)])
PATTERN = "string_pattern_mismatch"
MARKS = "\u0315\u0300"


def reason(adapter: TypeAdapter[str], value: object) -> str:
    """Return the type of the error for a value that is rejected."""
    with pytest.raises(ValidationError) as error:
        adapter.validate_python(value)
    return error.value.errors()[0]["type"]


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "x" * 120,
        "é",
        "灯",
        "💡",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "می\u200cخواهم",
        "PDF\u200cها",
        "क्\u200dष",
        "葛\U000e0100",
        "שלום",
        "\u0600",
        "\ue000",
        "\U0001fae9",
        "\u0301",
    ],
)
def test_name_with_a_visible_character_is_unchanged(name: str) -> None:
    assert LINE.validate_python(name) == name


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("\u212b", "Å"),
        (" lamp ", "lamp"),
        ("\u3000山田\u3000太郎\xa0", "山田 太郎"),
        ("a\xa0b", "a b"),
        ("a \u2003 b", "a b"),
        ("e\u0301" * 120, "é" * 120),
        (" " * 200 + "x" * 120, "x" * 120),
        ("\u1f82", "\u1f82"),
        ("x\u0323\u0307", "x\u0307\u0323"),
    ],
)
def test_spellings_of_a_name_have_one_normal_form(given: str, stored: str) -> None:
    assert LINE.validate_python(given) == normalize("NFC", stored)


@pytest.mark.parametrize("name", ["lamp", "Lamp", "\uff4c\uff41\uff4d\uff50", "ﬁ", "а"])
def test_names_that_only_look_alike_are_different(name: str) -> None:
    assert LINE.validate_python(name) == name


INVISIBLE = [
    *"\x00\x07\t\n\r\x0b\x1b\x7f\x85\x9f",
    *"\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2063\u2066\u2069\u206a\ufeff",
    *"\xad\u034f\u061c\u115f\u1160\u17b4\u180e\u2800\u3164\uffa0\ufff9\ufffc",
    *"\ufdd0\ufffe\uffff\U000e0001\U000e0041\U0001d173\ud800\udfff",
]


@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("form", ["la{}mp", "{}lamp", "lamp{}", "ла{}мп"])
def test_name_with_an_invisible_character_is_rejected(
    form: str, character: str
) -> None:
    name = form.format(character)

    assert reason(LINE, name) in (PATTERN, "value_error", "string_unicode")


@pytest.mark.parametrize(
    "name", ["la\u200dmp", "lamp\u200c", "\u200dlamp", "lamp\ufe0f"]
)
def test_joiner_between_ascii_characters_is_rejected(name: str) -> None:
    assert reason(LINE, name) == "value_error"


@pytest.mark.parametrize("name", ["", " ", "\xa0", "\u3000 ", "\u200d\u200d", "\ufe0f"])
def test_name_without_a_visible_character_is_rejected(name: str) -> None:
    assert reason(LINE, name) in (PATTERN, "string_too_short", "value_error")


@pytest.mark.parametrize(
    "text", ["", "a\nb\tc\r\n", "é 💡", "\u200f", "a\u200bb", "  "]
)
def test_text_may_have_lines_and_invisible_characters(text: str) -> None:
    assert TEXT.validate_python(text) == text


def test_text_is_stored_in_the_form_nfc() -> None:
    assert TEXT.validate_python("e\u0301\n") == "é\n"


@pytest.mark.parametrize(
    "character", "\x00\x07\x0b\x1b\x7f\x85\u202a\u202e\u2066\u2069\ufffe\udc00"
)
def test_text_with_a_control_character_is_rejected(character: str) -> None:
    assert reason(TEXT, f"a{character}b") in (PATTERN, "string_unicode")


@pytest.mark.parametrize("name", ["x" * 121, "é" * 121, "e\u0301" * 121, "\u0958" * 61])
def test_length_of_the_normal_form_is_limited(name: str) -> None:
    assert reason(LINE, name) == "string_too_long"


@pytest.mark.parametrize("value", [None, 1, ["a"], {}, b"a\xff"])
def test_value_that_is_no_text_is_rejected(value: object) -> None:
    assert reason(LINE, value) in ("string_type", "string_unicode")


@pytest.mark.parametrize("adapter", [LINE, TEXT])
@pytest.mark.parametrize(
    "text",
    [
        "a" + MARKS * 4000,
        "a" + MARKS * 500_000,
        "a" + "\u0300" * 1_000_000,
        " " * 1_000_000,
        "\ufdfa" * 300_000,
        "\u0958" * 10_000,
    ],
    ids=["marks", "many marks", "one mark", "spaces", "ligatures", "growing"],
)
def test_rejection_of_a_malicious_text_takes_no_time(
    text: str, adapter: TypeAdapter[str]
) -> None:
    begun = process_time()

    reason(adapter, text)

    assert process_time() - begun < 0.1


@example("\u212a\u200da")
@example("é \u3000\u200d")
@given(text(characters() | sampled_from(" \xa0e\u0301\u200d\u212a\u1112"), max_size=9))
def test_normal_form_of_a_normal_form_is_the_same(name: str) -> None:
    for adapter in (LINE, TEXT):
        try:
            stored = adapter.validate_python(name)
        except ValidationError:
            continue
        assert adapter.validate_python(stored) == stored == normalize("NFC", stored)


@pytest.mark.parametrize(("adapter", "limit"), [(LINE, 120), (TEXT, 10_000)])
def test_schema_shows_length_and_characters(
    adapter: TypeAdapter[str], limit: int
) -> None:
    schema: dict[str, Any] = adapter.json_schema()

    assert (schema["type"], schema["maxLength"]) == ("string", limit)
    pattern = re.compile(schema["pattern"])
    assert pattern.search("é 💡")
    # Not all clients can read characters above U+FFFF in a pattern.
    shown = [it for it in INVISIBLE if it < "\ud800" or "\ue000" <= it <= "\uffff"]
    rejected = [it for it in shown if not pattern.search(f"a{it}b")]
    if adapter is LINE:
        assert rejected == shown
