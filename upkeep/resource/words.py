"""English words for code: classes, articles, singulars."""

import re
import textwrap
from collections.abc import Sequence

# They begin with the sound of a consonant, or of a vowel.
A_WORD = re.compile(r"(eu|one|u([bcfhjkqrstn][aeiou]|ni))")
AN_WORD = re.compile(r"([aeiou]|hour|honest|honou?r|heir)")
WIDTH = 88


def class_name(name: str) -> str:
    """Return the name of a class: `PriceList` for `price_list`."""
    return "".join(word.capitalize() for word in name.split("_"))


def phrase(name: str) -> str:
    """Return a name as words: `price list` for `price_list`."""
    return name.replace("_", " ")


def with_article(words: str) -> str:
    """Return words after `a` or `an`."""
    has_vowel = AN_WORD.match(words) and not A_WORD.match(words)
    return f"{'an' if has_vowel else 'a'} {words}"


def singular(plural: str) -> str:
    """Return one of several: `tag` for `tags`."""
    for ending, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch")):
        if plural.endswith(ending) and len(plural) > len(ending) + 1:
            return plural.removesuffix(ending) + one
    if plural.endswith(("ss", "us", "is")) or plural == "s":
        return plural
    return plural.removesuffix("s")


def enumerate_words(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def docstring(text: str, indent: int = 0) -> str:
    """Return a docstring: one line if it fits, else a summary and the rest."""
    if indent + len(text) + 6 <= WIDTH:
        return f'"""{text}"""'
    summary, mark, rest = text.partition(". ")
    if not mark or indent + len(summary) + 4 > WIDTH:
        summary, _, rest = text.partition(", ")
        rest = rest[:1].upper() + rest[1:]
    blank = " " * indent
    lines = [blank + line for line in textwrap.wrap(rest, WIDTH - indent)]
    return "\n".join([f'"""{summary}.', "", *lines, f'{blank}"""'])
