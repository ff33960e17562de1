"""An own resource: a file in every room, registered where the template says."""

import shutil
from pathlib import Path

from extensions.rendering import Answers
from tests.house.edits.edit import Edit, below, importing

FILES = Path(__file__).parent.parent / "wishes"
MIGRATION = Path("alembic/versions/2026_01_01_wishes.py")

ROUTES = """\
public.include_router(read_wishes)
guarded.include_router(write_wishes)
"""
IMPORTS = [
    importing("app/models/__init__.py", "from app.models.wish import Wish"),
    importing(
        "app/api/router.py",
        "from app.api.v1.wishes import reads as read_wishes",
        "from app.api.v1.wishes import writes as write_wishes",
    ),
]
EDITS = [
    Edit(
        "app/models/__init__.py",
        below("    # -- Your own tables below this line. --", '    "Wish",\n'),
    ),
    Edit(
        "app/api/router.py", below("# -- Your own routers below this line. --", ROUTES)
    ),
]


def add_files(project: Path, answers: Answers) -> None:
    """Write the files; the first migration follows the last one that is there."""
    shutil.copytree(FILES, project, dirs_exist_ok=True)
    last = "0001" if answers.get("example", True) else None
    if answers.get("auth", True):
        last = "0002"
    migration = project / MIGRATION
    text = migration.read_text(encoding="utf-8")
    text = text.replace("Revises: 0002", f"Revises: {last or ''}".rstrip())
    text = text.replace('"0002"', f'"{last}"' if last else "None")
    migration.write_text(text, encoding="utf-8")
