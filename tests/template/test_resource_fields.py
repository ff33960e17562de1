"""What people type as NAME, PLURAL and FIELDS of `make resource`."""

from typing import Any

import pytest

from upkeep.errors import RefusedError
from upkeep.resource import collisions, fields, names
from upkeep.resource.spec import Field, Resource, Target
from upkeep.resource.words import class_name

ITEM, USER = (Target.generated(name, f"{name}s") for name in ("item", "user"))
TARGETS = {"item": ITEM, "user": USER, "rate": Target("rate", problem="no factory")}


def refusal(text: str, targets: dict[str, Target] = TARGETS) -> str:
    """Return the line in which fields are refused."""
    with pytest.raises(RefusedError) as refused:
        fields.parse(text, targets)
    [line] = str(refused.value).splitlines()
    return line


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("title:str", Field("title", "str", length=120)),
        ("title:str:80!?", Field("title", "str", 80, unique=True, optional=True)),
        ("title:str(80)?!", Field("title", "str", 80, unique=True, optional=True)),
        ("body:text?", Field("body", "text", optional=True)),
        ("order:int!", Field("order", "int", unique=True)),
        ("model_year:float", Field("model_year", "float")),
        ("price:decimal", Field("price", "decimal", precision=12, scale=2)),
        ("price:decimal( 5,\n5 )", Field("price", "decimal", precision=5, scale=5)),
        ("price:decimal:10,2", Field("price", "decimal", precision=10, scale=2)),
        ("type:bool", Field("type", "bool")),
        ("limit:date", Field("limit", "date")),
        ("at:datetime", Field("at", "datetime")),
        ("key:uuid!", Field("key", "uuid", unique=True)),
        ("data:json?", Field("data", "json", optional=True)),
        ("kind:enum(draft, live)", Field("kind", "enum", members=("draft", "live"))),
        ("unit:enum(EUR)", Field("unit", "enum", members=("EUR",))),
        ("tags:names", Field("tags", "names", length=64)),
        ("tags:list(str:30)", Field("tags", "names", length=30)),
        ("tags:list(str)", Field("tags", "names", length=64)),
        ("by:user!", Field("by", "reference", target=USER, unique=True)),
        ("of:item", Field("of", "reference", target=ITEM)),
    ],
)
def test_field_is_read(text: str, field: Field) -> None:
    assert fields.parse(f"\t{text},\n", TARGETS) == (field,)


def test_fields_are_separated_by_spaces_lines_and_commas() -> None:
    found = fields.parse("a:int b:enum(x, y),c:decimal(3, 1)\n d:str:5 ", TARGETS)

    assert [field.name for field in found] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "FIELDS is empty"),
        ("title", "title: write name:type"),
        ("title:", "'' is no type. Types: str:120, text"),
        (":str", "FIELDS: '': write small letters"),
        ("; rm -rf /", ";: write name:type"),
        ("title:strr", "'strr' is no type; did you mean str? Types: "),
        ("title:varchar(30)", "did you mean str?"),
        ("of:items", "did you mean item? Types: "),
        ("of:nothing", "or a resource: item, rate, user"),
        ("of:rate", "FIELDS: of: no factory"),
        ("title:str:0", "title: the length of str is one number from 1 to 10,000"),
        ("title:str:999999", "longer texts have the type text"),
        ("title:str:x", "'x' is no number"),
        ("title:str:१२", "is no number"),
        ("title:str(9)9", "nothing but ! and ? follows the bracket"),
        ("title:str(9", "title:str(9: the bracket is not closed"),
        ("title:str 9)", "9) closes no bracket"),
        ("title:str!!", "!!: write each of ! and ? once"),
        ("age:int(3)", "age: int takes nothing in brackets"),
        ("of:item:3", "of: item takes nothing in brackets"),
        ("tags:names:999", "the length of names is one number from 1 to 500"),
        ("price:decimal(2,5)", "price: decimal(12,2) has 12 digits"),
        ("price:decimal(2000,1)", "1 to 38"),
        ("price:decimal(0,0)", "1 to 38"),
        ("price:decimal(5)", "2 of them after the point"),
        ("kind:enum", "enum(draft,live) has 1 to 50 values"),
        ("kind:enum(in progress)", "as in in_progress"),
        ("kind:enum(2nd)", "'2nd' is no value of an enum"),
        ("kind:enum(a,,b)", "'' is no value of an enum"),
        ("kind:enum(a,A)", "two values of the enum are the same"),
        ("body:text!", "text can not be unique"),
        ("done:bool!", "bool can not be unique"),
        ("kind:enum(a,b)!", "enum can not be unique"),
        ("data:json!", "json can not be unique"),
        ("tags:names!", "names can not be unique"),
        ("tags:names?", "a list of names can be empty: leave out the ?"),
        ("title:str:501!", "unique texts have at most 500 letters"),
        ("owner:user?", "owner: every row has its owner"),
        ("owner:user!", "owner: a user can own several rows"),
        ("owner_id:user", "write owner:user, its column is owner_id"),
        ("a:int b:int a:str", "another field has the name a already"),
        ("of:item of_id:uuid", "another field has the name of_id already"),
        ("class:str", "'class' is a keyword"),
        ("None:str", "as in none"),
        ("none:str", "'none' is a keyword"),
        ("id:uuid", "id: choose another name: every resource has it"),
        ("updated_at:date", "every resource has it"),
        ("total:int", "every list has a column of this name"),
        ("metadata:json", "SQLAlchemy uses it"),
        ("json:str", "Pydantic uses it in every model"),
        ("model_config:str", "Pydantic uses it"),
        ("model_validate_x:str", "Pydantic uses it"),
        ("self:str", "the code of a resource uses it"),
        ("größe:int", "'größe': write small letters a-z"),
        ("firstName:str", "as in first_name"),
        ("first-name:str", "as in first_name"),
        ("_x:str", "as in x"),
        (f"{'a' * 64}:int", "is longer than 63 letters"),
        ("title:str=lamp", "title: no field has a default"),
        ("pinned:bool=false", "pinned: no field has a default"),
        (" ".join(f"f{n}:int!" for n in range(16)), "16 references and unique fields"),
        (" ".join(f"f{n}:int" for n in range(200)), "200 fields are more than 50"),
    ],
)
def test_invalid_fields_are_refused(text: str, words: str) -> None:
    assert words in refusal(text)


def test_user_is_refused_without_accounts() -> None:
    assert "no user accounts" in refusal("owner:user", {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title:str parent:item", "parent: the first item has no other one: add a ?"),
        ("parent:item?", "a resource needs a field besides its owner"),
        ("owner:user parent:item? next:item?!", "needs a field besides its owner"),
        ("owner:user", "a resource needs a field besides its owner"),
    ],
)
def test_resource_that_no_request_can_store_is_refused(text: str, words: str) -> None:
    resource = Resource("item", "items", fields.parse(text, TARGETS))

    with pytest.raises(RefusedError) as refused:
        fields.check_references(resource)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        *(("note", "notes"), ("category", "categories"), ("day", "days")),
        *(("box", "boxes"), ("bus", "buses"), ("address", "addresses")),
        *(("church", "churches"), ("analysis", "analyses"), ("order", "orders")),
        *(("price_list", "price_lists"), ("human", "humans"), ("json", "jsons")),
    ],
)
def test_plural_is_derived(name: str, plural: str) -> None:
    assert names.pair(name, "") == (name, plural)


@pytest.mark.parametrize("name", ["person", "news", "series", "fish", "sales_data"])
def test_unknown_plural_is_asked_for(name: str) -> None:
    with pytest.raises(RefusedError, match="add PLURAL=…"):
        names.pair(name, "")

    assert names.pair(name, "some_words") == (name, "some_words")


@pytest.mark.parametrize(
    ("name", "plural", "words"),
    [
        ("notes", "", "as in NAME=note;"),
        ("categories", "", "as in NAME=category;"),
        ("PriceList", "", "as in price_list"),
        ("price-list", "", "as in price_list"),
        ("größe", "", "small letters"),
        ("../x", "", "small letters"),
        ("class", "", "keyword"),
        ("true", "", "keyword"),
        ("a" * 64, "", "longer"),
        ("fish", "fish", "PLURAL=fish is NAME"),
        ("clas", "class", "PLURAL=class is a keyword"),
        ("person", "People", "as in people"),
        ("testimonial", "", "pytest takes names that begin with test"),
    ],
)
def test_invalid_name_is_refused(name: str, plural: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        names.pair(name, plural)


MODULE = """
from app.models.base import Record, status

class {Name}(Record):
    kind: str
    {field}: int
    def apply(self) -> None: ...

class {Name}Size: ...

{Name}{Field} = int

def store(row: object, title: object = 0, **others: object) -> None: ...

def get(session: object, {name}: object, {field}: object) -> None: ...
"""


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("note", "title", ""),
        ("record", "title", "uses Record for something else"),
        ("session", "title", "uses session for something else"),
        ("record", "record", "NAME=record: choose another name, as in record_entry"),
        ("request", "title", "NAME=request: .* uses Request for something else"),
        ("field", "title", "NAME=field: .* uses Field for something else"),
        ("status", "title", "NAME=status: .* uses status for something else"),
        ("note", "kind", "FIELDS: kind: choose another name"),
        ("note", "apply", "FIELDS: apply: choose another name"),
        ("note", "str", "FIELDS: str: choose another name"),
        ("note", "size", "FIELDS: size: choose another name: .* uses NoteSize"),
        ("note", "row", "FIELDS: row: choose another name"),
        ("note", "status", "FIELDS: status: .* uses status for something else"),
    ],
)
def test_name_that_the_code_uses_is_refused(name: str, field: str, words: str) -> None:
    def render(one: Resource) -> dict[str, str]:
        values: dict[str, Any] = {"Name": class_name(one.name), "name": one.name}
        values |= {"field": field, "Field": field.capitalize()}
        return {one.name: MODULE.format(**values)}

    resource = Resource(name, f"{name}s", (Field(field, "int"),))
    if not words:
        assert collisions.check(resource, render) == render(resource)
        return
    with pytest.raises(RefusedError, match=words):
        collisions.check(resource, render)
