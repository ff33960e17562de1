"""Reads FIELDS, such as `title:str:120! body:text? owner:user`: start with `parse`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from upkeep.errors import RefusedError
from upkeep.resource import names
from upkeep.resource.field_types import parse_type, refuse, shorten, split_parameters
from upkeep.resource.spec import Field, Resource, Target

FIELD = re.compile(r"([^:(]*):([^:(!?]*)([:(].*?)?([!?]*)", re.DOTALL)
SEPARATOR = re.compile(r"(\s+|,(?=\s*\w+:|\s*\Z))")
# An entry of an index has 2,704 bytes at most on PostgreSQL, and a letter up to four.
MAX_UNIQUE_LENGTH = 500
MAX_FIELDS = 50
# Each of them is a context of a `with`, of which Python nests 20.
MAX_CONSTRAINTS = 15
NOT_UNIQUE = ("text", "bool", "enum", "json", "names")
# Columns of every table and list, and attributes of the classes.
RESERVED = {
    **dict.fromkeys(("id", "created_at", "updated_at"), "every resource has it"),
    "total": "every list has a column of this name",
    **dict.fromkeys(("metadata", "registry"), "SQLAlchemy uses it for tables"),
    **dict.fromkeys(
        ("apply", "cls", "field", "self"), "the code of a resource uses it"
    ),
}
USED_BY_PYDANTIC = {name for name in dir(BaseModel) if name[0] != "_"}
PROTECTED = ("model_dump", "model_validate")


def parse(text: str, targets: Mapping[str, Target]) -> tuple[Field, ...]:
    """Return the fields. Raises RefusedError with the field and what is allowed.

    Args:
        text: FIELDS.
        targets: The resources to which a field can refer.
    """
    fields = tuple(parse_field(one, targets) for one in split(text))
    if not fields:
        raise RefusedError("FIELDS is empty: write it as in FIELDS='title:str!'")
    constraints = [it for it in fields if it.unique or it.kind == "reference"]
    check_number("fields", fields, MAX_FIELDS)
    check_number("references and unique fields", constraints, MAX_CONSTRAINTS)
    check_distinct(fields)
    return fields


def check_number(what: str, fields: Sequence[Field], highest: int) -> None:
    """Refuse more fields than a resource can have. Raises RefusedError."""
    if len(fields) > highest:
        raise RefusedError(
            f"FIELDS: {len(fields)} {what} are more than {highest}: divide them among"
            " several resources"
        )


def split(text: str) -> list[str]:
    """Split at spaces, and at commas before a name, outside of brackets."""
    words, depth = [""], 0
    for part in SEPARATOR.split(text):
        if depth or not SEPARATOR.fullmatch(part):
            words[-1] += part
        else:
            words.append("")
        depth += part.count("(") - part.count(")")
        if depth < 0:
            raise RefusedError(f"FIELDS: {shorten(words[-1])} closes no bracket")
    if depth:
        raise RefusedError(f"FIELDS: {shorten(words[-1])}: the bracket is not closed")
    return [word for word in words if word]


def parse_field(text: str, targets: Mapping[str, Target]) -> Field:
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
    if "=" in text:
        refuse(name, "no field has a default: leave out the =, or add ? for null")
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


def check_marks(field: Field) -> None:
    """Refuse what can not be unique or optional. Raises RefusedError."""
    is_owner = (field.name, field.target.name) == ("owner", "user")
    if field.unique and field.kind in NOT_UNIQUE:
        refuse(field.name, f"{field.kind} can not be unique: leave out the !")
    if field.unique and field.length > MAX_UNIQUE_LENGTH:
        refuse(field.name, f"unique texts have at most {MAX_UNIQUE_LENGTH} letters")
    if field.optional and field.kind == "names":
        refuse(field.name, "a list of names can be empty: leave out the ?")
    if field.optional and is_owner:
        refuse(field.name, "every row has its owner: leave out the ?")
    if field.unique and is_owner:
        refuse(field.name, "a user can own several rows: leave out the !")


def check_distinct(fields: Sequence[Field]) -> None:
    """Refuse a column that two fields have. Raises RefusedError."""
    columns: set[str] = set()
    for field in fields:
        is_reference = field.kind == "reference"
        own = {field.name, f"{field.name}_id" if is_reference else field.name}
        if both := own & columns:
            refuse(field.name, f"another field has the name {min(both)} already")
        columns |= own


def check_references(resource: Resource) -> None:
    """Refuse a resource of which no first row can be stored, or without fields."""
    name = resource.name
    to_itself = [it for it in resource.fields if it.target.name == name]
    for field in to_itself:
        if not field.optional:
            refuse(field.name, f"the first {name} has no other one: add a ?")
    if not {*resource.fields} - {*to_itself, resource.owner}:
        raise RefusedError(
            "FIELDS: a resource needs a field besides its owner, and besides references"
            " to its own rows"
        )
