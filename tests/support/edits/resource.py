"""An own resource: a file in each layer, registered at the markers."""

import shutil
from pathlib import Path

from extensions.rendering import Answers
from tests.support.edits.edit import Edit, below, importing

FILES = Path(__file__).parents[2] / "data" / "sample_resource"
MIGRATION = Path("alembic/versions/2026_01_01_wishes.py")
ROUTES = Path("app/api/v1/wishes.py")
# Lines with this word are left out of a project without users.
USER = "RequireUser"

VOTES = 'OPEN_ROUTES.add(("POST", "/api/v1/wishes/{wish_id}/votes"))\n'
IMPORTS = [
    importing("app/models/__init__.py", "from app.models.wish import Wish, WishVote"),
    importing("app/api/router.py", "from app.api.v1.wishes import router as wishes"),
]
# For releases with a list of writes that need no user.
OPEN_ROUTES = [
    Edit(
        "tests/open_routes.py",
        below("# -- Your own routes below this line. --", VOTES),
    ),
]
EDITS = [
    Edit(
        "app/models/__init__.py",
        below(
            "    # -- Your own tables below this line. --",
            '    "Wish",\n    "WishVote",\n',
        ),
    ),
    Edit(
        "app/api/router.py",
        below("# -- Your own routers below this line. --", "ROUTERS.append(wishes)\n"),
    ),
    *OPEN_ROUTES,
]


def add_files(project: Path, answers: Answers) -> None:
    """Write the files; the migration follows the last one of the template."""
    shutil.copytree(FILES, project, dirs_exist_ok=True)
    last = "0001" if answers.get("example", True) else None
    if answers.get("auth", True):
        last = "0002"
    migration = project / MIGRATION
    text = migration.read_text(encoding="utf-8")
    text = text.replace("Revises: 0002", f"Revises: {last or ''}".rstrip())
    text = text.replace('"0002"', f'"{last}"' if last else "None")
    migration.write_text(text, encoding="utf-8")
    if not answers.get("auth", True):
        routes = project / ROUTES
        lines = routes.read_text(encoding="utf-8").splitlines(keepends=True)
        open_to_all = [line for line in lines if USER not in line]
        routes.write_text("".join(open_to_all), encoding="utf-8")
