"""Reads FIELDS, such as `title:str:120! body:text? owner:user`: start with `parse`."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, cast

from pydantic import BaseModel

from upkeep.errors import RefusedError
from upkeep.resource import names
from upkeep.resource.spec import Field, Kind

FIELD = re.compile(r"([^:(]*):([^:(!?]*)([:(].*?)?([!?]*)", re.DOTALL)
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
# An entry of an index has 2,704 bytes at most on PostgreSQL, and a letter up to four.
MAX_UNIQUE_LENGTH = 500
MAX_PRECISION = 38
MAX_MEMBERS, MAX_MEMBER_LENGTH = 50, 64
MAX_FIELDS = 50
NOT_UNIQUE = ("text", "bool", "json", "names")
# Columns of every table, attributes of its class, and parameters of every list.
RESERVED = {
    **dict.fromkeys(("id", "created_at", "updated_at"), "every resource has it"),
    **dict.fromkeys(
        ("limit", "offset", "cursor", "total", "sort", "q"),
        "it is a parameter of every list",
    ),
    **dict.fromkeys(("metadata", "registry"), "SQLAlchemy uses it for tables"),
    **dict.fromkeys(("apply", "cls", "self"), "the code of a table uses it"),
}
USED_BY_PYDANTIC = {name for name in dir(BaseModel) if name[0] != "_"}
PROTECTED = ("model_dump", "model_validate")


def parse(text: str, targets: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the fields. Raises RefusedError with the field and what is allowed.

    Args:
        text: FIELDS.
        targets: The resources to which a field can refer, with their tables.
    """
    fields = tuple(parse_field(one, targets) for one in split(text))
    if not fields:
        raise RefusedError('FIELDS is empty: write it as in FIELDS="title:str!"')
    if len(fields) > MAX_FIELDS:
        raise RefusedError(
            f"FIELDS: {len(fields)} fields are more than {MAX_FIELDS}: divide them"
            " among several resources"
        )
    check_distinct(fields)
    return fields


def split(text: str) -> list[str]:
    """Split at spaces and commas outside of brackets. Raises RefusedError."""
    words, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            raise RefusedError(f"FIELDS: {words[-1]}) closes no bracket")
        if not depth and (letter.isspace() or letter == ","):
            words.append("")
        else:
            words[-1] += letter
    if depth:
        raise RefusedError(f"FIELDS: {shorten(words[-1])}: the bracket is not closed")
    return [word for word in words if word]


def parse_field(text: str, targets: Mapping[str, str]) -> Field:
    """Read one field. Raises RefusedError."""
    match = FIELD.fullmatch(text)
    if match is None:
        raise RefusedError(
            f"FIELDS: {shorten(text)}: write name:type, then ! if it is unique and ? if"
            " it is optional, as in title:str:120!"
        )
    name, kind, given, marks = (part or "" for part in match.groups())
    check_name(name)
    if len({*marks}) != len(marks):
        refuse(name, f"{marks}: write each of ! and ? once")
    options: dict[str, Any] = {"unique": "!" in marks, "optional": "?" in marks}
    parameters = split_parameters(name, given)
    field = Field(name, **options, **parse_type(name, kind, parameters, targets))
    check_marks(field)
    return field


def check_name(name: str) -> None:
    """Refuse names that the code of a resource uses. Raises RefusedError."""
    names.check(f"FIELDS: {shorten(name)!r}", name)
    if reason := RESERVED.get(name):
        refuse(name, f"choose another name: {reason}")
    if name in USED_BY_PYDANTIC or name.startswith(PROTECTED):
        refuse(name, "choose another name: Pydantic uses it in every model")


def split_parameters(name: str, text: str) -> list[str]:
    """Return what follows a type, after a colon or in brackets."""
    if text.startswith("("):
        if not text.endswith(")"):
            refuse(name, f"{shorten(text)}: nothing but ! and ? follows the bracket")
        text = text[1:-1]
    else:
        text = text.removeprefix(":")
    return [part.strip() for part in text.split(",")] if text.strip() else []


def parse_type(
    name: str, kind: str, parameters: list[str], targets: Mapping[str, str]
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
        return {"kind": "reference", "target": kind, "target_table": targets[kind]}
    return refuse_type(name, kind, targets)


def refuse_type(name: str, kind: str, targets: Mapping[str, str]) -> NoReturn:
    """Refuse an unknown type, and name those that were probably meant."""
    if kind == "user":
        refuse(name, "this project has no user accounts to refer to")
    known = ["str", "decimal", "enum", "names", *PLAIN, *sorted(targets)]
    near = difflib.get_close_matches(kind.lower(), known, 1)
    meant = [OTHER_NAMES[kind.lower()]] if kind.lower() in OTHER_NAMES else near
    hint = f", did you mean {meant[0]}?" if meant else ""
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
    if len(given) != 2 or not 0 <= given[1] <= given[0] <= MAX_PRECISION or not any(
        given
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
        if not names.SNAKE_CASE.fullmatch(member) or len(member) > MAX_MEMBER_LENGTH:
            suggested = names.snake_case(member)
            fits = names.SNAKE_CASE.fullmatch(suggested) and suggested != member
            refuse(
                name,
                f"{shorten(member)!r} is no value of an enum: small letters a-z, digits"
                f" and underscores, {MAX_MEMBER_LENGTH} at most"
                + (f", as in {suggested}" if fits else ""),
            )
    if len({*parameters}) != len(parameters):
        refuse(name, "a value of the enum is written twice")
    return tuple(parameters)


def numbers(name: str, parameters: list[str]) -> list[int]:
    """Return numbers. Raises RefusedError."""
    for text in parameters:
        if not re.fullmatch("[0-9]{1,9}", text):
            refuse(name, f"{shorten(text)!r} is no number")
    return [int(text) for text in parameters]


def check_marks(field: Field) -> None:
    """Refuse what can not be unique or optional. Raises RefusedError."""
    if field.unique and field.kind in NOT_UNIQUE:
        refuse(field.name, f"{field.kind} can not be unique: leave out the !")
    if field.unique and field.length > MAX_UNIQUE_LENGTH:
        refuse(field.name, f"unique texts have at most {MAX_UNIQUE_LENGTH} letters")
    if field.optional and field.kind == "names":
        refuse(field.name, "a list of names can be empty: leave out the ?")
    if field.optional and (field.name, field.target) == ("owner", "user"):
        refuse(field.name, "every row has its owner: leave out the ?")


def check_distinct(fields: Sequence[Field]) -> None:
    """Refuse a column that two fields have. Raises RefusedError."""
    columns: set[str] = set()
    for field in fields:
        is_reference = field.kind == "reference"
        own = {field.name, f"{field.name}_id" if is_reference else field.name}
        if both := own & columns:
            refuse(field.name, f"another field has the name {min(both)} already")
        columns |= own


def refuse(name: str, reason: str) -> NoReturn:
    """Raise RefusedError for a field."""
    raise RefusedError(f"FIELDS: {name}: {reason}")


def shorten(text: str) -> str:
    """Return a text for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
