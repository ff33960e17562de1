"""The code of one field: its column, and its lines in the schemas."""

from dataclasses import dataclass
from functools import cached_property

from upkeep.resource.imports import IMPORTS
from upkeep.resource.spec import Field, Project, Resource
from upkeep.resource.words import class_name, phrase, singular, with_article

SORTABLE = ("str", "int", "float", "decimal", "date", "datetime")
FILTERED = ("bool", "enum", "uuid", "reference", "names")
# Names of other parameters of a list, and of arguments of `fetch_page`.
NO_FILTERS = {
    *("created_after", "created_before", "cursor", "db", "limit", "offset"),
    *("owner_id", "q", "self", "sort", "total"),
}
PLAIN_TYPES = {
    "str": "str",
    "text": "str",
    "int": "int",
    "float": "float",
    "decimal": "Decimal",
    "bool": "bool",
    "uuid": "UUID",
    "reference": "UUID",
    "json": "dict[str, Any] | list[Any]",
}
REQUEST_TYPES = {
    "int": "Int32",
    "float": "StrictFloat",
    "bool": "StrictBool",
    "date": "Day",
    "datetime": "UtcTime",
    "json": "JsonDocument",
}
# A value for a field that a request does not have; it is never stored.
FACTORIES = {
    "str": "str",
    "text": "str",
    "int": "int",
    "float": "float",
    "decimal": "Decimal",
    "bool": "bool",
    "date": "lambda: {type}.min",
    "datetime": "utc_now",
    "uuid": "lambda: UUID(int=0)",
    "reference": "lambda: UUID(int=0)",
    "json": "dict",
    "names": "list",
}


@dataclass(frozen=True)
class FieldCode:
    """A field, with what the templates write about it."""

    field: Field
    resource: Resource
    project: Project

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.field.name

    @property
    def kind(self) -> str:
        """The type of the field."""
        return self.field.kind

    @property
    def words(self) -> str:
        """The name in a sentence."""
        return phrase(self.name)

    @property
    def words_with_article(self) -> str:
        """The name in a sentence, after `a` or `an`."""
        return with_article(self.words)

    @property
    def one_words(self) -> str:
        """One of the names at the beginning of a sentence."""
        return with_article(phrase(self.one)).capitalize()

    @property
    def target_words(self) -> str:
        """The target of a reference in a sentence."""
        return phrase(self.field.target)

    @property
    def column(self) -> str:
        """The name in requests and tables: a reference ends with `_id`."""
        return f"{self.name}_id" if self.kind == "reference" else self.name

    @property
    def is_required(self) -> bool:
        """Whether a new row needs a value."""
        return not self.field.optional and self.kind != "names"

    @property
    def is_owner(self) -> bool:
        """Whether it is the user who owns a row."""
        return self.field == self.resource.owner

    @property
    def is_sortable(self) -> bool:
        """Whether lists can be sorted by it: its column is never NULL."""
        return self.kind in SORTABLE and self.is_required

    @property
    def is_filter(self) -> bool:
        """Whether lists can be filtered by equality with a value."""
        return self.kind in FILTERED and self.filter not in NO_FILTERS

    @property
    def filter(self) -> str:
        """The query parameter that filters a list."""
        return self.one if self.kind == "names" else self.column

    @property
    def table(self) -> str:
        """The table that a reference names."""
        target = self.field.target
        return self.field.target_plural or f"{target}s"

    @property
    def target_id(self) -> str:
        """The constant of tests with the key of the target."""
        return f"{self.field.target}_id".upper()

    @property
    def is_recursive(self) -> bool:
        """Whether it refers to a row of its own table."""
        return self.field.target == self.resource.name

    @property
    def ondelete(self) -> str:
        """What happens to a row whose target is deleted.

        RESTRICT would be an error of the other resource, which its code does not expect.
        """
        return "SET NULL" if self.field.optional else "CASCADE"

    @cached_property
    def type(self) -> str:
        """The type of a value in Python."""
        if self.kind == "enum":
            return class_name(f"{self.resource.name}_{self.name}")
        if self.kind in ("date", "datetime"):
            return f"dt.{self.kind}" if shadows_time(self.resource) else self.kind
        return PLAIN_TYPES.get(self.kind, "list[str]")

    @property
    def utc(self) -> str:
        """The time zone UTC."""
        return "dt.UTC" if shadows_time(self.resource) else "UTC"

    @property
    def read_type(self) -> str:
        """The type of a value that can be null."""
        return f"{self.type} | None" if self.field.optional else self.type

    # Columns of tables.

    @property
    def sqlalchemy(self) -> str:
        """The column in a table of SQLAlchemy."""
        kinds = {
            "str": f"sa.String({self.field.length})",
            "text": "sa.Text",
            "decimal": f"sa.Numeric({self.field.precision}, {self.field.scale})",
            "json": "sa.JSON(none_as_null=True)" if self.field.optional else "sa.JSON",
            "reference": f'sa.ForeignKey("{self.table}.id", ondelete="{self.ondelete}")',
        }
        options = [kinds[self.kind]] if self.kind in kinds else []
        value = f" = mapped_column({', '.join(options + self.index)})"
        declared = f"{self.column}: Mapped[{self.read_type}]"
        return declared + (value if options + self.index else "")

    @property
    def sqlmodel(self) -> str:
        """The column in a table of SQLModel."""
        kinds = {
            "str": f"max_length={self.field.length}",
            "text": "sa_type=sa.Text",
            "decimal": f"sa_type=sa.Numeric({self.field.precision}, {self.field.scale})",
            "datetime": "sa_type=UtcDateTime",
            "enum": f"sa_type=enum_type({self.type})",
            "json": "sa_type=sa.JSON"
            + ("(none_as_null=True)" if self.field.optional else ""),
            "reference": f'foreign_key="{self.table}.id", ondelete="{self.ondelete}"',
        }
        options = [kinds[self.kind]] if self.kind in kinds else []
        options += self.index
        declared = f"{self.column}: {self.read_type}"
        if not options:
            return declared + (" = None" if self.field.optional else "")
        default = ["default=None"] if self.field.optional else []
        return f"{declared} = Field({', '.join(default + options)})"

    @property
    def index(self) -> list[str]:
        """The arguments of a column that has an index."""
        if self.field.unique:
            return ["unique=True"]
        return ["index=True"] if self.kind == "reference" else []

    # Lists of names.

    @property
    def one(self) -> str:
        """One of the names: `tag` of `tags`."""
        return singular(self.name)

    @property
    def row_class(self) -> str:
        """The class of the rows of names: `ItemTag`."""
        return class_name(f"{self.resource.name}_{self.one}")

    @property
    def insert(self) -> str:
        """The statement that inserts names."""
        own = f"{self.resource.name}_" if self.one == self.resource.name else ""
        return f"INSERT_{own}{self.one}".upper()

    # Schemas.

    @cached_property
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
            factory = FACTORIES[self.kind].format(type=self.type)
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
            return f"{self.one}: Annotated[list[{self.name_alias}], Field(max_length=10)] = []"
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
        return f"{there} named" if self.name == "name" else f"{there} with the {self.words}"

    @property
    def shown(self) -> str:
        """The value in the message of an error."""
        return f"{{{self.column}{'!r' if self.kind == 'str' else ''}}}"


def shadows_time(resource: Resource) -> bool:
    """Return whether a field has the name of a type of times."""
    return not {"date", "datetime"}.isdisjoint(field.name for field in resource.fields)
