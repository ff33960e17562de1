"""What `make resource` is asked for: a resource and its fields."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "str",
    "text",
    "int",
    "float",
    "decimal",
    "bool",
    "date",
    "datetime",
    "uuid",
    "json",
    "enum",
    "names",
    "reference",
]


@dataclass(frozen=True)
class Field:
    """A field of a resource.

    Attributes:
        name: As in requests: `due`; of a reference without `_id`: `owner`.
        kind: Its type.
        length: The longest text of `str` (default 120) and of each of `names` (64).
        precision: Digits of a decimal.
        scale: Digits of a decimal after the point.
        members: The values of an enum.
        target: The resource that a reference names: `item`, or `user`.
        target_plural: Its plural, which is its table.
        unique: Whether two rows can not share a value.
        optional: Whether the value can be null.
    """

    name: str
    kind: Kind
    length: int = 0
    precision: int = 0
    scale: int = 0
    members: tuple[str, ...] = ()
    target: str = ""
    target_plural: str = ""
    unique: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Resource:
    """A resource: names in snake_case, in the singular and the plural."""

    name: str
    plural: str
    fields: tuple[Field, ...]

    @property
    def owner(self) -> Field | None:
        """The reference to the user who owns a row: the field `owner:user`."""
        for field in self.fields:
            if (field.name, field.target) == ("owner", "user"):
                return field
        return None


@dataclass(frozen=True)
class Project:
    """Answers of the project that its code depends on."""

    orm: str  # "sqlalchemy" or "sqlmodel"
    auth: bool
    example: bool
