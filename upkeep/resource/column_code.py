"""The column of a field: its names, its type, and its code in a table."""

from dataclasses import dataclass

from upkeep.resource.spec import Field, Resource
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


@dataclass(frozen=True)
class ColumnCode:
    """A field, with its column."""

    field: Field
    resource: Resource

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
        return phrase(self.field.target.name)

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
    def target(self) -> str:
        """The arguments of a foreign key."""
        return f'"{self.field.target.table}.id", ondelete="{self.ondelete}"'

    @property
    def target_id(self) -> str:
        """The constant of tests with the key of the target."""
        return f"{self.field.target.name}_id".upper()

    @property
    def ondelete(self) -> str:
        """What happens to a row whose target is deleted.

        With RESTRICT the code of the other resource would have to expect an error.
        """
        return "SET NULL" if self.field.optional else "CASCADE"

    @property
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
            "decimal": self.numeric,
            "json": "sa.JSON(none_as_null=True)" if self.field.optional else "sa.JSON",
            "reference": f"sa.ForeignKey({self.target})",
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
            "decimal": f"sa_type={self.numeric}",
            "datetime": "sa_type=UtcDateTime",
            "enum": f"sa_type=enum_type({self.type})",
            "json": "sa_type=sa.JSON"
            + ("(none_as_null=True)" if self.field.optional else ""),
            "reference": f"foreign_key={self.target}",
        }
        options = [kinds[self.kind]] if self.kind in kinds else []
        options += self.index
        declared = f"{self.column}: {self.read_type}"
        if not options:
            return declared + (" = None" if self.field.optional else "")
        default = ["default=None"] if self.field.optional else []
        return f"{declared} = Field({', '.join(default + options)})"

    @property
    def numeric(self) -> str:
        """The type of a column of decimals."""
        return f"sa.Numeric({self.field.precision}, {self.field.scale})"

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


def shadows_time(resource: Resource) -> bool:
    """Return whether a field has the name of a type of times."""
    return not {"date", "datetime"}.isdisjoint(field.name for field in resource.fields)
