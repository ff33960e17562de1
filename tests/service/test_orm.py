"""SQLAlchemy and SQLModel projects have the same tables and statements."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from extensions.questions import ROOT
from tests.support.commands import append, succeed
from tests.support.fixture_types import Project, Run

SQLMODEL = {"orm": "sqlmodel"}
# The files that depend on the ORM.
STYLED = {
    ".copier-answers.yml",
    "app/models/base.py",
    "app/models/item.py",
    "app/models/token.py",
    "app/models/user.py",
    "docs/database.md",
    "docs/resources.md",
    "docs/security.md",
    "docs/users.md",
    "pyproject.toml",
}
DOC = '"""A note."""\n'
# A table as in a project, with the types that are chosen automatically.
NOTES = {
    "sqlalchemy": f"""{DOC}
from datetime import datetime

from sqlalchemy.orm import Mapped

from app.models.base import Record


class Note(Record):
    {DOC}
    __tablename__ = "notes"

    text: Mapped[str]
    read_at: Mapped[datetime | None]
""",
    "sqlmodel": f"""{DOC}
from datetime import datetime

from sqlmodel import Field

from app.db.types import UtcDateTime
from app.models.base import Record


class Note(Record, table=True):
    {DOC}
    __tablename__ = "notes"

    text: str
    title: str = Field(max_length=80)
    due_at: datetime
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
""",
}


def model_sql(project: Path, url: str, run: Run) -> dict[str, Any]:
    """Return the tables and statements of a project's models as SQL."""
    python, script = project / ".venv/bin/python", ROOT / "tests/support/model_sql.py"
    completed = run([python, script, url], project, {"PYTHONPATH": str(project)})
    found = dict(json.loads(completed.stdout))
    for name, statement in found["statements"].items():
        # Rows are mappings, and SQLModel writes the inherited columns first.
        columns, start, rest = statement["sql"].partition("FROM")
        if not name.isupper() or not columns.startswith("SELECT"):
            columns, start, rest = statement["sql"], "", ""
        statement["sql"] = [*sorted(re.findall(r"[\w.]+", columns)), start, rest]
    return found


@pytest.mark.parametrize("url", ["postgresql+asyncpg://", "sqlite+aiosqlite://"])
def test_both_orms_execute_the_same_sql(url: str, project: Project, run: Run) -> None:
    plain, styled = model_sql(project(), url, run), model_sql(
        project(SQLMODEL), url, run
    )

    assert {*plain["tables"]} == {"items", "item_tags", "users", "refresh_tokens"}
    assert {"ITEM_BY_ID", "INSERT_TAG", "CREDENTIALS"} < {*plain["statements"]}
    assert plain == styled


def test_only_models_depend_on_the_orm(render: Project) -> None:
    plain, styled = (
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (render(), render(SQLMODEL))
    )

    assert plain.keys() == styled.keys()
    assert {name for name in plain if plain[name] != styled[name]} == STYLED


@pytest.mark.parametrize("orm", NOTES)
def test_migrations_import_sqlalchemy_only(
    orm: str, checkout: Project, run: Run
) -> None:
    project = checkout({"orm": orm})
    note = project / "app" / "models" / "note.py"
    note.write_text(NOTES[orm], encoding="utf-8")
    append(note.with_name("__init__.py"), "from app.models.note import Note as Note\n")
    succeed(["make", "migrate"], project)
    succeed(["make", "migration", "m=add notes"], project)
    [written] = (project / "alembic" / "versions").glob("*_add_notes.py")
    lines = written.read_text(encoding="utf-8").splitlines()
    imports = [line for line in lines if re.match("(from|import) ", line)]

    assert imports == ["import sqlalchemy as sa", "from alembic import op"]
    succeed(["make", "migrate"], project)
    assert run([project / ".venv/bin/alembic", "check"], project).returncode == 0


@pytest.mark.parametrize(
    ("file", "gate", "finding"),
    [
        ("app/core/planted.py", "flake8", "Use sqlalchemy.ext.asyncio.AsyncSession"),
        ("app/api/v1/planted.py", "lint-imports", "app.api.v1.planted -> sqlmodel"),
    ],
)
def test_gate_finds_sqlmodel_outside_models(
    file: str, gate: str, finding: str, checkout: Project, run: Run
) -> None:
    project = checkout(SQLMODEL)
    command: list[str | Path] = [project / ".venv" / "bin" / gate]
    assert run(command, project).returncode == 0
    planted = f'{DOC}\nfrom sqlmodel import Session\n\n__all__ = ["Session"]\n'
    (project / file).write_text(planted, encoding="utf-8")
    completed = run(command, project)

    assert completed.returncode == 1
    assert finding in completed.stdout
