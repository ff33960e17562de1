"""Reads the type of a field, such as `decimal(10,2)`: start with `parse_type`."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, cast

from upkeep.errors import RefusedError
from upkeep.resource import names
from upkeep.resource.spec import Kind, Target

PLAIN = ("text", "int", "float", "bool", "date", "datetime", "uuid", "json")
TYPES = f"str:120, {', '.join(PLAIN)}, decimal(12,2), enum(a,b), names"
# Names that other tools use for these types.
OTHER_NAMES = {
    "array": "names",
    "bigint": "int",
    "boolean": "bool",
    "char": "str",
    "double": "float",
    "integer": "int",
    "jsonb": "json",
    "money": "decimal",
    "number": "decimal",
    "numeric": "decimal",
    "real": "float",
    "string": "str",
    "tags": "names",
    "time": "datetime",
    "timestamp": "datetime",
    "varchar": "str",
}
# Default and highest length of a text.
LENGTHS: dict[str, tuple[int, int]] = {"str": (120, 10_000), "names": (64, 500)}
MAX_PRECISION = 38
MAX_MEMBERS = 50
MEMBER = re.compile(r"(?=.{1,63}\Z)[A-Za-z](_?[A-Za-z0-9])*")


def parse_type(
    name: str, kind: str, parameters: list[str], targets: Mapping[str, Target]
) -> dict[str, Any]:
    """Return what a field has because of its type. Raises RefusedError."""
    if kind in ("list", "names"):
        words = parameters[0].removeprefix("str").strip("(:)") if parameters else ""
        parameters = [words, *parameters[1:]] if words else parameters[1:]
        return {"kind": "names"} | length(name, "names", parameters)
    if kind == "str":
        return {"kind": kind} | length(name, kind, parameters)
    if kind == "decimal":
        return {"kind": kind} | digits(name, parameters)
    if kind == "enum":
        return {"kind": kind, "members": members(name, parameters)}
    if parameters and (kind in PLAIN or kind in targets):
        refuse(name, f"{kind} takes nothing in brackets or after a colon")
    if kind in PLAIN:
        return {"kind": cast(Kind, kind)}
    if kind in targets:
        if name.endswith("_id"):
            short = name.removesuffix("_id")
            refuse(name, f"write {short}:{kind}, its column is {name}")
        if problem := targets[kind].problem:
            refuse(name, problem)
        return {"kind": "reference", "target": targets[kind]}
    return refuse_type(name, kind, targets)


def refuse_type(name: str, kind: str, targets: Mapping[str, Target]) -> NoReturn:
    """Refuse an unknown type, and name those that were probably meant."""
    if kind == "user":
        refuse(name, "this project has no user accounts to refer to")
    known = ["str", "decimal", "enum", "names", *PLAIN, *sorted(targets)]
    near = difflib.get_close_matches(kind.lower(), known, 1)
    meant = [OTHER_NAMES[kind.lower()]] if kind.lower() in OTHER_NAMES else near
    hint = f"; did you mean {meant[0]}?" if meant else "."
    others = f", or a resource: {', '.join(sorted(targets))}" if targets else ""
    refuse(name, f"{shorten(kind)!r} is no type{hint} Types: {TYPES}{others}")


def length(name: str, kind: str, parameters: list[str]) -> dict[str, Any]:
    """Return the highest length of a text. Raises RefusedError."""
    default, highest = LENGTHS[kind]
    given = numbers(name, parameters or [str(default)])
    if len(given) != 1 or not 1 <= given[0] <= highest:
        longer = "; longer texts have the type text" if kind == "str" else ""
        refuse(
            name, f"the length of {kind} is one number from 1 to {highest:,}{longer}"
        )
    return {"length": given[0]}


def digits(name: str, parameters: list[str]) -> dict[str, Any]:
    """Return precision and scale of a decimal. Raises RefusedError."""
    given = numbers(name, parameters or ["12", "2"])
    if (
        len(given) != 2
        or not 0 <= given[1] <= given[0] <= MAX_PRECISION
        or not any(given)
    ):
        refuse(
            name,
            f"decimal(12,2) has 12 digits, 2 of them after the point: 1 to"
            f" {MAX_PRECISION}, and not more after the point than there are",
        )
    return {"precision": given[0], "scale": given[1]}


def members(name: str, parameters: Sequence[str]) -> tuple[str, ...]:
    """Return the values of an enum. Raises RefusedError."""
    if not 1 <= len(parameters) <= MAX_MEMBERS:
        refuse(name, f"enum(draft,live) has 1 to {MAX_MEMBERS} values")
    for member in parameters:
        if not MEMBER.fullmatch(member):
            suggested = names.snake_case(member)
            hint = f", as in {suggested}" if MEMBER.fullmatch(suggested) else ""
            refuse(
                name,
                f"{shorten(member)!r} is no value of an enum: letters a-z, digits and"
                f" underscores, 63 at most, a letter first{hint}",
            )
    if len({member.upper() for member in parameters}) != len(parameters):
        refuse(name, "two values of the enum are the same")
    return tuple(parameters)


def numbers(name: str, parameters: list[str]) -> list[int]:
    """Return numbers. Raises RefusedError."""
    for text in parameters:
        if not re.fullmatch("[0-9]{1,9}", text):
            refuse(name, f"{shorten(text)!r} is no number")
    return [int(text) for text in parameters]


def split_parameters(name: str, text: str) -> list[str]:
    """Return what follows a type, after a colon or in brackets."""
    if text.startswith("("):
        if not text.endswith(")"):
            refuse(name, f"{shorten(text)}: nothing but ! and ? follows the bracket")
        text = text[1:-1]
    else:
        text = text.removeprefix(":")
    return [part.strip() for part in text.split(",")] if text.strip() else []


def refuse(name: str, reason: str) -> NoReturn:
    """Raise RefusedError for a field."""
    raise RefusedError(f"FIELDS: {name}: {reason}")


def shorten(text: str) -> str:
    """Return a text for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
