"""The test of the migrations on planted revisions, good ones and bad ones."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from tests.factories import ROW_VALUES
from tests.integration import test_migrations as migrations
from tests.support.databases import ROOT, alembic_config, new_database

# Alembic is not async: it runs before the service, not in it.
pytestmark = [
    pytest.mark.blocks,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]
type Plant = Callable[..., None]
type Parents = dict[int, str | tuple[str, ...]]

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = {parent!r}


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
"""
THINGS = """op.create_table(
        "things",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=True),
        sa.CheckConstraint("kind IN ('a', 'b', 'c')", name=op.f("ck_things_kind")),
    )"""
CREATE = (THINGS, 'op.drop_table("things")')


def batch(*lines: str) -> str:
    """Return the source of a batch on the table."""
    first = 'with op.batch_alter_table("things") as batch:'
    return "\n        ".join([first, *(f"batch.{line}" for line in lines)])


NO_FAULT = batch("drop_column('extra')")
NEW_CHECK = "create_check_constraint(op.f('ck_things_kind'), {!r})"
DROP_CHECK = "drop_constraint(op.f('ck_things_kind'), type_='check')"
KINDS = "kind IN ('a', 'b', 'c')"
FAULTS = {
    "a new column without a default": (
        batch("add_column(sa.Column('extra', sa.Integer(), nullable=False))"),
        NO_FAULT,
    ),
    "NOT NULL where rows have NULL": (
        batch("alter_column('note', nullable=False)"),
        batch("alter_column('note', nullable=True)"),
    ),
    "a unique constraint on duplicates": (
        batch("create_unique_constraint('uq_things_name', ['name'])"),
        batch("drop_constraint('uq_things_name', type_='unique')"),
    ),
    "a unique index on duplicates": (
        batch("create_index('ix_things_name', ['name'], unique=True)"),
        batch("drop_index('ix_things_name')"),
    ),
    "a condition that rows violate": (
        batch("create_check_constraint(op.f('ck_things_amount'), 'amount >= 0')"),
        batch("drop_constraint(op.f('ck_things_amount'), type_='check')"),
    ),
    "a condition that empty texts violate": (
        batch("create_check_constraint(op.f('ck_things_name'), \"name <> ''\")"),
        batch("drop_constraint(op.f('ck_things_name'), type_='check')"),
    ),
    "a reference to rows that do not exist": (
        batch("create_foreign_key('fk_amount', 'things', ['amount'], ['id'])"),
        batch("drop_constraint('fk_amount', type_='foreignkey')"),
    ),
    "a removed member": (
        batch(DROP_CHECK, NEW_CHECK.format("kind IN ('a', 'b')")),
        batch(DROP_CHECK, NEW_CHECK.format(KINDS)),
    ),
    "a renamed member of an enum": (
        batch(DROP_CHECK, NEW_CHECK.format("kind IN ('a', 'b', 'd')")),
        batch(DROP_CHECK, NEW_CHECK.format(KINDS)),
    ),
    "a downgrade without a default": (
        batch("drop_column('amount')"),
        batch("add_column(sa.Column('amount', sa.Integer(), nullable=False))"),
    ),
    "a downgrade that leaves a table": (
        'op.create_table("others", sa.Column("id", sa.Integer(), primary_key=True))',
        "pass",
    ),
}
SERVER_FAULTS = {
    "a text that is no number": (
        "op.execute('ALTER TABLE things ALTER name TYPE integer USING name::integer')",
        "op.execute('ALTER TABLE things ALTER name TYPE varchar(40)')",
    ),
    "a length that is shorter than texts": (
        batch("alter_column('name', type_=sa.String(20))"),
        batch("alter_column('name', type_=sa.String(40))"),
    ),
}
GOOD = {
    "a new column with a default": (
        batch(
            "add_column(sa.Column('extra', sa.Integer(), nullable=False,"
            " server_default='0'))"
        ),
        NO_FAULT,
    ),
    "NOT NULL after an update": (
        'op.execute("UPDATE things SET note = name WHERE note IS NULL")\n    '
        + batch("alter_column('note', nullable=False)"),
        batch("alter_column('note', nullable=True)"),
    ),
    "a new member of an enum": (
        batch(DROP_CHECK, NEW_CHECK.format("kind IN ('a', 'b', 'c', 'd')")),
        batch(DROP_CHECK, NEW_CHECK.format(KINDS)),
    ),
    "a renamed member of an enum with its rows": (
        batch(DROP_CHECK)
        + "\n    op.execute(\"UPDATE things SET kind = 'd' WHERE kind = 'c'\")\n    "
        + batch(NEW_CHECK.format("kind IN ('a', 'b', 'd')")),
        batch(DROP_CHECK)
        + "\n    op.execute(\"UPDATE things SET kind = 'c' WHERE kind = 'd'\")\n    "
        + batch(NEW_CHECK.format(KINDS)),
    ),
    "a renamed column": (
        batch("alter_column('name', new_column_name='title')"),
        batch("alter_column('title', new_column_name='name')"),
    ),
}
TABLES = {
    "keys": """
        "nodes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("parent_id", sa.Uuid(), sa.ForeignKey("nodes.id"), nullable=True),
        sa.Column("root_id", sa.Uuid(), sa.ForeignKey("nodes.id"), nullable=False),
        sa.Column("twin_id", sa.Uuid(), sa.ForeignKey("nodes.id"), unique=True),""",
    "composite keys": """
        "places",
        sa.Column("row", sa.SmallInteger(), primary_key=True),
        sa.Column("seat", sa.String(1), primary_key=True),
        sa.Column("next_row", sa.SmallInteger()),
        sa.Column("next_seat", sa.String(1)),
        sa.ForeignKeyConstraint(["next_row", "next_seat"],
                                ["places.row", "places.seat"]),""",
    "types": """
        "kinds",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("flag", sa.Boolean(), nullable=False),
        sa.Column("price", sa.Numeric(6, 2), nullable=False),
        sa.Column("ratio", sa.Float(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, unique=True),
        sa.Column("hour", sa.Time(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("span", sa.Interval(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.CHAR(2), nullable=False, unique=True),
        sa.Column("total", sa.Integer(), sa.Computed("price * 2")),
        sa.Column("labels", sa.JSON().with_variant(sa.ARRAY(sa.String(9)),
                  "postgresql"), nullable=False),
        sa.Column("native", sa.Enum("x", "y", name="native"), nullable=False),""",
    "conditions": """
        "rules",
        sa.Column("code", sa.String(3), primary_key=True),
        sa.Column("email", sa.String(80), nullable=False, unique=True),
        sa.Column("size", sa.String(1), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("one", sa.Integer(), nullable=True),
        sa.Column("two", sa.Text(), nullable=True),
        sa.Column("score", sa.Numeric(5, 1), nullable=False),
        sa.CheckConstraint("length(code) = 3 AND code = upper(code)", name="c1"),
        sa.CheckConstraint("email LIKE '%@%' AND email = lower(email)", name="c2"),
        sa.CheckConstraint("size IN ('S', 'M', 'L')", name="c3"),
        sa.CheckConstraint("last > first AND first >= 10", name="c4"),
        sa.CheckConstraint("(one IS NULL) <> (two IS NULL)", name="c5"),
        sa.CheckConstraint("score BETWEEN 0 AND 5", name="c6"),""",
    "one row": """
        "globals",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.CheckConstraint("id = 1", name="single"),""",
    "only a key": """
        "empties",
        sa.Column("id", sa.Integer(), primary_key=True),""",
}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with new_database(tmp_path) as url:
        yield url


@pytest.fixture
def config(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    """An empty folder of revisions, which the test of the project runs on."""
    config = alembic_config(url)
    without = shutil.ignore_patterns("versions")
    shutil.copytree(ROOT / "alembic", tmp_path / "alembic", ignore=without)
    (tmp_path / "alembic/versions").mkdir()
    config.set_main_option("script_location", str(tmp_path / "alembic"))
    monkeypatch.setattr(migrations, "alembic_config", lambda _: config)
    return config


@pytest.fixture
def plant(
    tmp_path: Path, url: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> Plant:
    """Run the test of the project on revisions; the models have the given tables."""

    def run(
        tables: set[str], *revisions: tuple[str, str], parents: Parents | None = None
    ) -> None:
        for number, (upgrade, downgrade) in enumerate(revisions):
            parent = f"planted_{number - 1}" if number else None
            values = {
                "name": f"planted_{number}",
                "parent": (parents or {}).get(number, parent),
                "upgrade": upgrade,
                "downgrade": downgrade,
            }
            path = tmp_path / "alembic/versions" / f"planted_{number}.py"
            path.write_text(REVISION.format_map(values), encoding="utf-8")
        metadata = SimpleNamespace(tables=tables)
        monkeypatch.setattr(migrations, "Base", SimpleNamespace(metadata=metadata))
        migrations.test_every_revision_migrates_rows_up_and_down_and_up_again(url)

    return run


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found(fault: str, plant: Plant) -> None:
    with pytest.raises((AssertionError, DBAPIError, RuntimeError)) as error:
        plant({"things"}, CREATE, FAULTS[fault])

    [note] = error.value.__notes__
    assert "planted_1.py fails on tables that have rows" in note


@pytest.mark.parametrize("fault", SERVER_FAULTS)
def test_fault_is_found_on_a_server(fault: str, url: str, plant: Plant) -> None:
    if is_sqlite(url):
        return  # It ignores lengths, and stores texts in a column of numbers.
    with pytest.raises(DBAPIError):
        plant({"things"}, CREATE, SERVER_FAULTS[fault])


@pytest.mark.parametrize("revision", GOOD)
def test_revision_without_fault_is_accepted(revision: str, plant: Plant) -> None:
    plant({"things"}, CREATE, GOOD[revision], ("pass", "pass"))


@pytest.mark.parametrize("table", TABLES)
def test_rows_fit_every_table(table: str, url: str, plant: Plant) -> None:
    source = TABLES[table]
    name = source.split('"')[1]
    enum = "" if is_sqlite(url) else "; op.execute('DROP TYPE IF EXISTS native')"
    create = f"op.create_table({source}\n    )", f"op.drop_table({name!r}){enum}"
    nothing = "pass", "pass"

    plant({name}, create, nothing, nothing)
    stored = migrations.run_in_transaction(
        url, lambda one: one.exec_driver_sql(f'SELECT * FROM "{name}"').all()
    )
    assert len(stored) >= (1 if table == "one row" else 4)


def test_table_that_no_generated_row_fits_is_named_and_can_be_given(
    config: Config, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    condition = "CHECK (word || '!' = 'abra-cadabra!')"
    sql = f"CREATE TABLE words (word varchar(40) NOT NULL {condition})"
    revisions = (f"op.execute({sql!r})", 'op.drop_table("words")'), ("pass", "pass")
    with pytest.raises(LookupError, match="add words to ROW_VALUES"):
        plant({"words"}, *revisions)

    command.downgrade(config, "base")
    monkeypatch.setitem(ROW_VALUES, "words", {"word": "abra-cadabra"})
    plant({"words"}, *revisions)


def test_revision_that_has_run_everywhere_is_migrated_without_rows(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, fault = FAULTS["a new column without a default"], FAULTS["a removed member"]
    monkeypatch.setattr(migrations, "EMPTY_UNTIL", "planted_1")
    with pytest.raises(DBAPIError, match="ck_things_kind"):
        plant({"things"}, CREATE, old, fault)


def test_branches_are_migrated_and_merged(plant: Plant) -> None:
    other = THINGS.replace("things", "others"), 'op.drop_table("others")'
    last = THINGS.replace("things", "lasts"), 'op.drop_table("lasts")'
    merge = "pass", "pass"
    parents = {2: "planted_0", 3: ("planted_1", "planted_2")}

    plant({"things", "others", "lasts"}, CREATE, other, last, merge, parents=parents)
