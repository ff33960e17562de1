"""The resources to which a field can refer, and the factories of their rows."""

from pathlib import Path

import pytest

from upkeep.errors import RefusedError
from upkeep.resource import targets
from upkeep.resource.spec import Target

MODEL = '''
class Thing({base}):
    """A thing, in a file of the team."""

    __tablename__ = "things"
    {column}
'''
MAKE, STORE = (
    "def make_thing(**fields): ...",
    "async def store_thing(session, **it): ...",
)
KEY = "id: Mapped[{}] = mapped_column(primary_key=True)"
OWNER = "owner_id: Mapped[UUID] = mapped_column(sa.ForeignKey('users.id'))"
NEEDED = "its tests need a row of things: write"


def find(
    project: Path, column: str, factory: str, module: str = "tests/thing_factories.py"
) -> Target:
    """Return the target `thing` of a project with a model and a factory."""
    for path, text in (
        ("app/models/shop/thing.py", MODEL.format(base="Record", column=column)),
        (module, f"{factory}\n"),
    ):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    return targets.find()["thing"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("factory", [MAKE, STORE, f"{MAKE}\n\n{STORE}"])
@pytest.mark.parametrize("module", ["tests/factories.py", "tests/support/shop.py"])
def test_factory_of_the_team_is_found(factory: str, module: str, project: Path) -> None:
    found = find(project, "size: Mapped[int]", factory, module)

    name = "store_thing" if STORE in factory else "make_thing"
    assert (found.problem, found.factory) == ("", name)
    assert found.factory_module == module.removesuffix(".py").replace("/", ".")
    assert found.module == "app.models.shop.thing"
    assert not found.is_owned


@pytest.mark.parametrize("key", ["UUID", "uuid.UUID"])
def test_owner_and_own_key_are_found(key: str, project: Path) -> None:
    found = find(project, f"{KEY.format(key)}\n    {OWNER}", STORE)

    assert (found.problem, found.is_owned) == ("", True)


@pytest.mark.parametrize(
    ("column", "factory", "words"),
    [
        ("pass", "", f"{NEEDED} def make_thing(**fields) into tests/thing_factories"),
        ("pass", "def make_thing(): ...", f"{NEEDED} def make_thing(**fields)"),
        ("pass", "async def store_thing(url): ...", f"{NEEDED} def make_thing"),
        (OWNER, MAKE, f"{NEEDED} async def store_thing(session, **fields)"),
        (KEY.format("int"), STORE, "the key of things is no id of the type UUID"),
        ("code: str = Field(primary_key=True)", STORE, "the key of things is no id"),
    ],
)
def test_resource_without_a_factory_or_key_is_refused(
    column: str, factory: str, words: str, project: Path
) -> None:
    assert words in find(project, column, factory).problem


def test_test_module_with_an_error_is_named(project: Path) -> None:
    with pytest.raises(RefusedError, match=r"tests/x\.py, line 1"):
        find(project, "pass", "def", "tests/x.py")
