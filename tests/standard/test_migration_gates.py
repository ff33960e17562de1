"""The gates of migrations: one head, a reason for drops, and no locks of tables."""

from pathlib import Path

import pytest

from tests.support.commands import commit, succeed
from tests.support.fixture_types import Project, Run

PYTHON = ".venv/bin/python"
CHECK = [PYTHON, "-m", "standards.migrations"]
PLACE = "alembic/versions/0003_planted.py"
MISSING = f"{PLACE}: drops data; if it is meant, add `# destructive: REASON`"
REVISION = '''\
"""Planted."""

import sqlalchemy as sa
from alembic import op

revision: str = "{name}"
down_revision: str | tuple[str, ...] | None = "{parent}"


def upgrade() -> None:
    {line}


def downgrade() -> None:
    op.drop_column("items", "color")
'''
BATCH = 'with op.batch_alter_table("items") as batch_op:\n        batch_op.'
CREATE = """\
op.create_table(
        "lamps",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(9), unique=True),
        sa.Column("made", sa.DateTime(), nullable=False),
        sa.Column("item_id", sa.Uuid(), sa.ForeignKey("items.id")),
        sa.CheckConstraint("id > 0", name="ck_lamps_id"),
    )
    op.create_index("ix_lamps_item_id", "lamps", ["item_id"])"""
CONCURRENT = """\
with op.get_context().autocommit_block():
        op.create_index("ix", "items", ["description"], postgresql_concurrently=True)"""


def plant(project: Path, line: str, name: str = "0003", file: str = PLACE) -> None:
    """Write a revision whose upgrade has a line."""
    parent = "0002" if (project / "app/models/user.py").exists() else "0001"
    text = REVISION.format(line=line, name=name, parent=parent)
    (project / file).write_text(text, encoding="utf-8")


@pytest.fixture
def repository(branch: Project) -> Path:
    """Return an installed project with its first commit, on a branch."""
    return branch()


DROPS = [
    'op.drop_column("items", "description")',
    'op.drop_table("items")',
    f'{BATCH}drop_column("description")',
    'op.execute("ALTER TABLE items DROP COLUMN description")',
    'op.execute("drop  table items")',
    'op.execute("TRUNCATE items")',
]
KEEPS = [
    "pass  # a later release: drop_column",
    'op.drop_index("ix_x", "items")',
    f'{BATCH}drop_constraint("uq_items_name")',
    CREATE,
]


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_drop_needs_a_reason(database: str, branch: Project, run: Run) -> None:
    project = branch({"database": database})
    found = {}
    for line in [*DROPS, *KEEPS]:
        plant(project, line)
        found[line] = MISSING in run(CHECK, project).stdout.splitlines()
    assert found == dict.fromkeys(DROPS, True) | dict.fromkeys(KEEPS, False)

    plant(project, f"# destructive:\n    {DROPS[0]}")
    assert run(CHECK, project).stdout.splitlines()[0] == MISSING
    plant(project, f"# destructive: no release reads it\n    {DROPS[0]}")
    assert run(CHECK, project).returncode == 0

    plant(project, DROPS[0])
    commit(project)
    assert run(CHECK, project, {"BASE_REVISION": "HEAD"}).returncode == 0


def test_two_heads_name_the_command(repository: Path, run: Run) -> None:
    plant(repository, "pass")
    plant(repository, "pass", "0004", "alembic/versions/0004_planted.py")

    assert run(CHECK, repository).stdout == (
        "alembic/versions: the heads 0003, 0004: run .venv/bin/alembic merge heads\n"
    )
    succeed([".venv/bin/alembic", "merge", "heads"], repository)
    assert run(CHECK, repository).returncode == 0
    assert run(CHECK, repository).returncode == 0


def test_new_revision_below_an_old_one_is_found(repository: Path, run: Run) -> None:
    plant(repository, "pass")
    commit(repository)
    below, base = "alembic/versions/0004_planted.py", {"BASE_REVISION": "HEAD"}
    plant(repository, "pass", "0004", below)
    old = repository / PLACE
    text = old.read_text(encoding="utf-8")
    old.write_text(text.replace('"0002"', '"0004"'), encoding="utf-8")

    assert run(CHECK, repository, base).stdout == (
        f"{below}: databases have the later 0003 without it\n"
    )
    old.write_text(text, encoding="utf-8")
    assert "later" not in run(CHECK, repository, base).stdout


LOCKS = {
    f'{BATCH}add_column(sa.Column("color", sa.Text(), nullable=False))': (
        "adding-required-field"
    ),
    'op.create_index("ix", "items", ["description"])': (
        "require-concurrent-index-creation"
    ),
    f'{BATCH}alter_column("name", type_=sa.Text())': "changing-column-type",
    'op.alter_column("items", "name", new_column_name="title")': "renaming-column",
    f'{BATCH}create_check_constraint("ck", "name > description")': (
        "constraint-missing-not-valid"
    ),
    f'{BATCH}create_unique_constraint("uq", ["description"])': (
        "disallowed-unique-constraint"
    ),
    'op.get_bind().execute(sa.text("SELECT 1")).all()': "offline",
}


@pytest.mark.parametrize("line", LOCKS)
def test_lock_of_a_table_is_found_and_ignored_with_a_reason(
    line: str, repository: Path, run: Run
) -> None:
    plant(repository, line)
    found = run(CHECK, repository)
    rules = [it.split(": ")[1] for it in found.stdout.splitlines()]

    assert found.returncode == 1
    assert LOCKS[line] in rules
    comments = "".join(f"# squawk-ignore {it}: 9 rows\n    " for it in {*rules})
    plant(repository, comments + line)
    assert run(CHECK, repository).returncode == 0
    plant(repository, comments.replace("9 rows", "") + line)
    assert run(CHECK, repository).returncode == 1


@pytest.mark.parametrize("line", [CREATE, CONCURRENT], ids=["table", "concurrent"])
def test_migration_that_locks_no_old_table_passes(
    line: str, repository: Path, run: Run
) -> None:
    plant(repository, line)
    (repository / ".squawk.toml").write_text('excluded_rules = ["x"]\n', "utf-8")

    assert run(CHECK, repository).stdout == ""
    plant(repository, 'op.create_index("ix", "items", ["description"])')
    commit(repository)
    assert run(CHECK, repository).returncode == 1
    assert run(CHECK, repository, {"BASE_REVISION": "HEAD"}).returncode == 0
