"""The code of one field: its column, its lines in the schemas, and its errors."""

from dataclasses import dataclass

from upkeep.resource.column_code import ColumnCode
from upkeep.resource.imports import IMPORTS
from upkeep.resource.spec import Resource, Target
from upkeep.resource.words import class_name, phrase, with_article

REQUEST_TYPES = {
    "int": "Int32",
    "float": "StrictFloat",
    "bool": "StrictBool",
    "date": "Day",
    "datetime": "UtcTime",
    "json": "JsonDocument",
}
# Values for fields that a request does not have, which are never stored. The types of
# the other fields need no argument.
FACTORIES = {
    "date": "lambda: {type}.min",
    "datetime": "utc_now",
    "uuid": "lambda: UUID(int=0)",
    "reference": "lambda: UUID(int=0)",
    "json": "dict",
    "names": "list",
}


@dataclass(frozen=True)
class FieldCode(ColumnCode):
    """A field, with what the templates write about it."""

    # Schemas.

    @property
    def alias(self) -> str:
        """The name of its type in requests."""
        name = class_name(self.name)
        taken = name in IMPORTS or name == class_name(self.resource.name)
        return class_name(self.resource.name) + name if taken else name

    @property
    def name_alias(self) -> str:
        """The name of the type of one of its names."""
        return class_name(f"{self.one}_name")

    @property
    def aliases(self) -> list[str]:
        """The definitions of its types in requests."""
        size = f"{self.field.precision}, {self.field.scale}"
        types = {
            "str": [f"Annotated[str, SingleLine({self.field.length})]"],
            "text": ["Annotated[str, MultiLine(10_000)]"],
            "decimal": [f"Annotated[Decimal, FixedPoint({size})]"],
            "names": [
                f"Annotated[list[{self.name_alias}], Field(max_length=50),"
                " AfterValidator(drop_duplicates)]"
            ],
        }
        found = [f"{self.alias} = {one}" for one in types.get(self.kind, [])]
        if self.kind == "names":
            name = f"Annotated[str, SingleLine({self.field.length})]"
            found.insert(0, f"{self.name_alias} = {name}")
        return found

    @property
    def request_type(self) -> str:
        """The type of a value in a request."""
        if self.aliases:
            return self.alias
        return REQUEST_TYPES.get(self.kind, self.type)

    @property
    def create_line(self) -> str:
        """The field of a request that stores a new row."""
        declared = f"{self.column}: {self.request_type}"
        if self.kind == "names":
            return f"{declared} = []"
        return f"{declared} | None = None" if self.field.optional else declared

    @property
    def update_line(self) -> str:
        """The field of a request that changes a row."""
        if self.field.optional:
            return self.create_line
        if self.kind == "enum":
            factory = f"lambda: {self.type}.{self.field.members[0].upper()}"
        else:
            factory = FACTORIES.get(self.kind, self.type).format(type=self.type)
        declared = f"{self.column}: {self.request_type}"
        return f"{declared} = Field(default_factory={factory})"

    @property
    def read_line(self) -> str:
        """The field of a response."""
        if self.kind == "names":
            return f"{self.name}: Annotated[list[str], AfterValidator(sorted)]"
        kind = "PlainDecimal" if self.kind == "decimal" else self.type
        return f"{self.column}: {kind}{' | None' if self.field.optional else ''}"

    @property
    def query_line(self) -> str:
        """The query parameter that filters a list by it."""
        if self.kind == "names":
            kind = f"Annotated[list[{self.name_alias}], Field(max_length=10)]"
            return f"{self.one}: {kind} = []"
        return f"{self.column}: {self.type} | None = None"

    # Errors.

    @property
    def taken_error(self) -> str:
        """The error of a value that another row has."""
        return class_name(f"{self.resource.name}_{self.name}_taken_error")

    @property
    def unknown_error(self) -> str:
        """The error of a reference to no row."""
        return class_name(f"{self.resource.name}_{self.name}_unknown_error")

    @property
    def taken_message(self) -> str:
        """The beginning of the message of `taken_error`, without the value."""
        there = f"There is {with_article(phrase(self.resource.name))}"
        return (
            f"{there} named"
            if self.name == "name"
            else f"{there} with the {self.words}"
        )

    @property
    def shown(self) -> str:
        """The value in the message of an error."""
        return f"{{{self.column}{'!r' if self.kind == 'str' else ''}}}"

    # References.

    @property
    def is_own(self) -> bool:
        """Whether it refers to another row of the same table."""
        return self.field.target.name == self.resource.name

    @property
    def needs_owner(self) -> bool:
        """Whether the owner of a row must own the target, too."""
        return bool(self.resource.owner) and (self.field.target.is_owned or self.is_own)

    @property
    def own_target(self) -> str:
        """The statement that finds a target which the owner of a row has."""
        return f"OWN_{self.field.target.name}".upper()


def targets(resource: Resource) -> list[Target]:
    """Return the other resources that a row refers to, each one once."""
    found = [code.field.target for code in codes(resource) if code.kind == "reference"]
    return [it for it in dict.fromkeys(found) if it.name != resource.name]


def codes(resource: Resource) -> list[FieldCode]:
    """Return the code of every field."""
    return [FieldCode(field, resource) for field in resource.fields]
