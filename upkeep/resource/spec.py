"""What `make resource` is asked for: a resource and its fields."""

from dataclasses import dataclass, replace
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
class Target:
    """A resource to which a field can refer.

    Attributes:
        name: The singular, which is the name of its module: `item`, or `user`.
        table: Its table.
        module: The module of its class.
        is_owned: Whether each of its rows belongs to one user.
        factory: The function of the tests that makes a row, or stores one.
        factory_module: The module of `factory`.
        problem: Why no field can refer to it.
    """

    name: str = ""
    table: str = ""
    module: str = ""
    is_owned: bool = False
    factory: str = ""
    factory_module: str = ""
    problem: str = ""

    @classmethod
    def generated(cls, name: str, table: str) -> "Target":
        """Return a resource that the generator writes."""
        factory = f"store_{name}", f"tests.{name}_factories"
        return cls(name, table, f"app.models.{name}", False, *factory)

    def stored(self, columns: str) -> str:
        """Return the code of a test that stores a row, in a `session`."""
        if self.factory.startswith("make_"):
            return f"session.merge({self.factory}({columns}))"
        return f"{self.factory}(session, {columns})"


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
        target: The resource that a reference names.
        unique: Whether two rows can not share a value.
        optional: Whether the value can be null.
    """

    name: str
    kind: Kind
    length: int = 0
    precision: int = 0
    scale: int = 0
    members: tuple[str, ...] = ()
    target: Target = Target()
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
            if (field.name, field.target.name) == ("owner", "user"):
                return field
        return None

    def renamed(self, name: str, plural: str) -> "Resource":
        """Return the same resource with other names."""
        own = Target.generated(name, plural)
        fields = (
            replace(it, target=own) if it.target.name == self.name else it
            for it in self.fields
        )
        return Resource(name, plural, (*fields,))


@dataclass(frozen=True)
class Project:
    """Answers of the project that its code depends on."""

    orm: str  # "sqlalchemy" or "sqlmodel"
    auth: bool
    example: bool
    # Whether each route states a permission.
    permissions: bool = False
