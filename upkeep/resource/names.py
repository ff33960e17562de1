"""Names of resources and fields: their form, plurals, and names that are taken."""

import keyword
import re

from upkeep.errors import RefusedError
from upkeep.resource.words import class_name

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# PostgreSQL cuts longer names of tables, columns and constraints.
MAX_LENGTH = 63
VARIABLES = ("NAME=", "PLURAL=")
# The plural has another form, or is the same word.
IRREGULAR = frozenset("""
    alumnus appendix calf child corpus criteria criterion data datum deer echo elf
    equipment feedback fish foot furniture genus goose half hardware hero index
    information knife leaf life loaf luggage mail man matrix media medium money mouse
    music news ox people person phenomenon potato quiz radius scarf self series sheep
    shelf software species staff thief tomato tooth torpedo traffic vertex veto weather
    wife wolf woman
    """.split())
ENDINGS = (
    (re.compile(r"(?<=[^aeiou])y$"), "ies"),
    (re.compile(r"(?<=s)is$"), "es"),
    (re.compile(r"(?<=s|x|z)$|(?<=[cs]h)$"), "es"),
    (re.compile(r"$"), "s"),
)


def check(what: str, name: str) -> str:
    """Return a name of a resource or a field. Raises RefusedError for invalid names.

    Args:
        what: The variable or the field that the message names.
        name: The name.
    """
    if not SNAKE_CASE.fullmatch(name):
        suggested = snake_case(name)
        hint = f", as in {suggested}" if SNAKE_CASE.fullmatch(suggested) else ""
        raise RefusedError(
            f"{what}: write small letters a-z, digits and single underscores{hint}"
        )
    if keyword.iskeyword(name) or keyword.iskeyword(class_name(name)):
        raise RefusedError(f"{what} is a keyword of Python: choose another name")
    if what.startswith(VARIABLES) and name.startswith("test"):
        raise RefusedError(
            f"{what}: pytest takes names that begin with test for tests: put another"
            " word first"
        )
    if len(name) > MAX_LENGTH:
        raise RefusedError(f"{what} is longer than {MAX_LENGTH} letters")
    return name


def snake_case(name: str) -> str:
    """Return the name that was probably meant: `PriceList` is `price_list`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+", "_", name)
    return words.strip("_").lower()


def singular(name: str) -> str:
    """Return NAME. Raises RefusedError if it seems to be a plural."""
    check(f"NAME={name}", name)
    if re.search(r"[^isu]s$", name) and last_word(name) not in IRREGULAR:
        word = re.sub(r"ies$", "y", name) if name.endswith("ies") else name[:-1]
        raise RefusedError(
            f"NAME={name} seems to be a plural: NAME is one of them, as in NAME={word};"
            f" if it is the singular, add PLURAL=…"
        )
    return name


def plural(name: str) -> str:
    """Return the plural of a name. Raises RefusedError if the rules do not know it."""
    if last_word(name) in IRREGULAR:
        raise RefusedError(
            f"NAME={name} has a plural that no rule knows: add PLURAL=…, another word"
            " than NAME"
        )
    return next(end.sub(s, name, 1) for end, s in ENDINGS if end.search(name))


def pair(name: str, given: str) -> tuple[str, str]:
    """Return NAME and its plural, which PLURAL may give. Raises RefusedError."""
    if not given:
        return singular(name), check(f"the plural of {name}", plural(name))
    check(f"NAME={name}", name)
    check(f"PLURAL={given}", given)
    if given == name:
        raise RefusedError(
            f"PLURAL={given} is NAME: the modules of both need names of their own"
        )
    return name, given


def last_word(name: str) -> str:
    """Return the last word of a name: that of `price_list` is `list`."""
    return name.rpartition("_")[2]
