"""`make resource` writes a resource into a project, or nothing."""

import re
import shutil
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support.commands import Completed, append, run, succeed
from tests.support.fixture_types import Copy
from tests.support.shared_cache import SharedCache

FIELDS = "title:str! kind:enum(draft, live) tags:names owner:user"
MODEL, MIGRATIONS = "app/models/note.py", "alembic/versions"
TABLES = ["notes", "note_tags"]
SHARED = ("app/models/__init__.py", "app/api/router.py", "docs/resources.md")


@pytest.fixture(scope="module")
def installed(
    copy: Copy, shared_cache: SharedCache, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Create an installed project, which every test leaves as it was."""
    return shared_cache.adopt(copy(tmp_path_factory.mktemp("resource") / "service"))


@pytest.fixture
def service(installed: Path) -> Path:
    """Return the project as it was committed."""
    succeed(["git", "reset", "--quiet", "--hard"], installed)
    succeed(["git", "clean", "--quiet", "--force", "-d"], installed)
    shutil.rmtree(installed / ".git/upkeep", ignore_errors=True)
    return installed


def resource(service: Path, *options: str) -> Completed:
    """Run the command of the working tree, as `make resource` does."""
    python = service / ".venv/bin/python"
    return run([python, ROOT / "upkeep", "resource", *options], service)


def status(service: Path) -> list[str]:
    """Return the new and changed files."""
    listed = succeed(["git", "status", "--porcelain", "-uall"], service)
    return [line[3:] for line in listed.splitlines()]


def refusal(done: Completed) -> str:
    """Return the one line in which the command was refused."""
    assert (done.returncode, done.stdout) == (1, "")
    [line] = [one for one in done.stderr.splitlines() if "not all of" not in one]
    return line


def test_resource_is_written_once_and_removed(service: Path) -> None:
    variables = ["NAME=note", f"FIELDS={FIELDS}"]
    done = run(["make", "resource", *variables], service, {"NAME": "A-MACHINE"})
    written = status(service)
    again = resource(service, "--name=note", "--fields=title:str!")
    shutil.rmtree(service / ".git/upkeep")
    unknown = resource(service, "--name=note", "--remove")
    removed = run(["make", "resource", *variables, "ARGS=--remove"], service)

    assert done.returncode == 0
    assert {MODEL, *SHARED, "app/core/note.py"} < {*written}
    assert [path for path in written if path not in done.stdout] == []
    assert re.findall(r'op.create_table\(\s+"(.*)"', done.stdout) == TABLES
    assert f"{MODEL} exists already" in refusal(again)
    assert "no record of note: add the FIELDS" in refusal(unknown)
    assert removed.returncode == 0
    assert "alembic downgrade" in removed.stdout
    assert status(service) == []


def test_schema_of_the_api_is_written_and_restored(service: Path) -> None:
    check = [str(service / ".venv/bin/python"), "-m", "standards.contract"]
    assert run(check, service).returncode == 0
    added = resource(service, "--name=note", "--fields=title:str!")

    assert "changed  openapi.json" in added.stdout.splitlines()
    assert '"/api/v1/notes"' in (service / "openapi.json").read_text("utf-8")
    assert run(check, service).returncode == 0
    assert resource(service, "--name=note", "--remove").returncode == 0
    assert status(service) == []


def test_dry_run_writes_nothing_and_needs_no_other_migration(
    service: Path,
) -> None:
    append(service / "app/models/user.py", "\nUser.new = sa.Column(sa.Text)\n")
    migration = service / MIGRATIONS / "0002_users.py"
    append(migration, '\n\ndef upgrade() -> None:\n    op.execute("LISTEN x")\n')
    before = status(service)
    done = resource(service, "--name=note", f"--fields={FIELDS}", "--dry-run")

    assert done.returncode == 0
    assert f"new      {MODEL}" in done.stdout
    assert re.findall(r'op.create_table\(\s+"(.*)"', done.stdout) == TABLES
    assert "new" not in done.stdout.partition("def upgrade()")[2]
    assert "warning: not all of your work" in done.stderr
    assert status(service) == before
    assert not (service / ".git/upkeep").exists()


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("app/models/item.py", "import nothing", r"app/models/item\.py, line \d+: Mod"),
        (f"{MIGRATIONS}/0009_x.py", 'revision = "9"', "two heads: .*merge heads"),
    ],
)
def test_failed_migration_leaves_nothing(
    file: str, text: str, words: str, service: Path
) -> None:
    if not (service / file).exists():
        shutil.copy(service / MIGRATIONS / "0001_items.py", service / file)
    append(service / file, f"\n{text}\n")
    before = status(service)
    done = resource(service, "--name=note", "--fields=title:str!")

    assert re.search(words, refusal(done))
    assert status(service) == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("token", "the template has a module of this name"),
        ("item_tag", "app/models/item.py has ItemTag already"),
    ],
)
def test_taken_name_is_refused(name: str, words: str, service: Path) -> None:
    assert words in refusal(resource(service, f"--name={name}", "--fields=a:int"))


def test_resource_whose_migration_another_follows_is_not_removed(
    service: Path,
) -> None:
    fields = "--fields=title:str parent:note?"
    for options in (["--name=note", fields], ["--name=sheet", "--fields=note:note"]):
        assert resource(service, *options).returncode == 0
    known = resource(service, "--name=note", "--remove")
    shutil.rmtree(service / ".git/upkeep")
    unknown = resource(service, "--name=note", fields, "--remove")

    assert "_add_sheets.py follows the migration" in refusal(known)
    assert "_add_sheets.py follows the migration" in refusal(unknown)


def test_missing_variables_are_named_with_the_usage(service: Path) -> None:
    done = run(["make", "resource"], service, {"NAME": "A-MACHINE"})
    lines = done.stderr.splitlines()[:3]

    assert done.returncode == 2
    assert lines[0] == "resource: NAME and FIELDS missing"
    assert lines[1].startswith("make resource NAME=note FIELDS='")
