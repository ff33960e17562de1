"""What the generated code of a resource does, and for which fields."""

import re

import pytest

from upkeep.resource.fields import parse
from upkeep.resource.files import render
from upkeep.resource.spec import Project, Resource, Target

ALBUM, USER = Target.generated("album", "albums"), Target.generated("user", "users")
NOTE = Target.generated("note", "notes")
OWNED = Target("album", "albums", is_owned=True, factory="make_album")
ONE, MANY = "tests/integration/api/test_note.py", "tests/integration/api/test_notes.py"


def code(fields: str, album: Target = ALBUM, orm: str = "sqlalchemy") -> dict[str, str]:
    """Return the files of the resource `note`."""
    targets = {"album": album, "user": USER, "note": NOTE}
    resource = Resource("note", "notes", parse(fields, targets))
    return render(resource, Project(orm, auth=True, example=True))


@pytest.mark.parametrize("kind", ["str", "int", "float", "decimal", "date", "datetime"])
def test_lists_are_not_sorted_by_a_column_that_can_be_null(kind: str) -> None:
    files = code(f"rank:{kind} level:{kind}? mark:{kind}!?")

    [names] = re.findall(r"SortBy\((.*?)\)", files["app/schemas/note.py"])
    assert names == '"created_at", "updated_at", "rank"'
    assert '["created_at", "-rank"]' in files[MANY]


@pytest.mark.parametrize(
    ("fields", "album", "checked"),
    [
        ("owner:user album:album", OWNED, ["OWN_ALBUM"]),
        ("owner:user cover:album? parent:note?", OWNED, ["OWN_ALBUM", "OWN_NOTE"]),
        ("owner:user album:album", ALBUM, []),
        ("album:album", OWNED, []),
        ("author:user title:str parent:note?", OWNED, []),
    ],
)
@pytest.mark.parametrize("orm", ["sqlalchemy", "sqlmodel"])
def test_owner_of_a_target_is_checked_where_both_have_an_owner(
    fields: str, album: Target, checked: list[str], orm: str
) -> None:
    files = code(f"{fields} size:int", album, orm)

    service = files["app/services/notes.py"]
    assert re.findall(r"fetchval\((OWN_\w+), \*\*own", service) == checked
    assert service.count("await self._check_owner(") == 2 * bool(checked)
    assert files[ONE].count("_of_another_user_is_a_conflict") == len(checked)


def test_taken_value_is_tested_only_where_nothing_else_is_taken() -> None:
    tests = code("album:album! title:str! rank:int!")[ONE]

    assert re.findall("with_a_taken_(.*?)_is_a_conflict", tests) == ["album"]
    assert 'BODY | {"title": "torch", "rank": 2}' in tests


def test_deleted_parent_is_tested_without_a_row_that_refers_to_itself() -> None:
    files = code("title:str! parent:note?")

    assert "test_deleted_parent_is_cleared" in files[ONE]
    assert "parent" not in files["tests/note_factories.py"]


@pytest.mark.parametrize(("length", "name"), [(64, "warm"), (2, "wa"), (1, "w")])
def test_sample_names_fit_into_their_column(length: int, name: str) -> None:
    tests = code(f"tags:names:{length}")[MANY]

    assert f'({{"tag": "{name}"}}, [1]),' in tests
    assert f'tags=["{name}"] if number == 1 else []' in tests


@pytest.mark.parametrize(
    ("scale", "zero"), [(0, "0"), (2, "0.00"), (6, "0.000000"), (7, "0E-7")]
)
def test_zero_of_a_decimal_is_written_as_python_does(scale: int, zero: str) -> None:
    tests = code(f"price:decimal(9,{scale})")["tests/unit/schemas/test_note.py"]

    assert f'assert str(note.price) == "{zero}"' in tests
