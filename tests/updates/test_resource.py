"""`make resource` writes a resource into a project, or nothing."""

import re
import shutil
from pathlib import Path

import pytest

from extensions.questions import ROOT
from tests.support.commands import Completed, append, run, succeed
from tests.support.fixture_types import Copy, Project
from tests.support.sample_releases import substitute
from tests.support.shared_cache import SharedCache
from upkeep.errors import RefusedError
from upkeep.resource import record, writing
from upkeep.resource.registration import Registration
from upkeep.resource.spec import Field, Resource

FIELDS = "title:str! kind:enum(draft, live) tags:names owner:user"
MODEL, MIGRATIONS = "app/models/note.py", "alembic/versions"
SHARED = ("app/models/__init__.py", "app/api/router.py", "docs/resources.md")
NOTES = Registration(
    Resource("note", "notes", (Field("title", "str"),)),
    {"Note": "notes", "NoteTag": "note_tags"},
)


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
    again = resource(service, "--name=note", "--fields=title:str")
    other = resource(service, "--name=memo", "--plural=notes", "--fields=title:str")
    removed = run(["make", "resource", variables[0], "ARGS=--remove"], service)

    assert done.returncode == 0
    assert {MODEL, *SHARED, "app/core/note.py"} < {*written}
    assert [path for path in written if path not in done.stdout] == []
    assert 'op.create_table(\n        "note_tags"' in done.stdout
    assert f"{MODEL} exists already" in refusal(again)
    assert "exists already" in refusal(other)
    assert removed.returncode == 0
    assert "alembic downgrade" in removed.stdout
    assert status(service) == []
    assert not (service / ".git/upkeep/resources/-/note.json").exists()


def test_dry_run_writes_nothing_and_uncommitted_work_is_a_warning(
    service: Path,
) -> None:
    append(service / "README.md", "\n")
    done = resource(service, "--name=note", f"--fields={FIELDS}", "--dry-run")

    assert done.returncode == 0
    assert f"new      {MODEL}" in done.stdout
    assert 'op.create_table(\n        "notes"' in done.stdout
    assert "not all of your work is committed" in done.stderr
    assert status(service) == ["README.md"]


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("app/models/item.py", "import nothing", r"app/models/item\.py, line \d+: Mod"),
        ("app/models/base.py", "x = [", r"app/models/base\.py, line \d+: "),
        (f"{MIGRATIONS}/0002_users.py", 'revision = "1"', "Can't locate revision"),
        (f"{MIGRATIONS}/0009_x.py", 'revision = "9"', "Multiple head revisions"),
        ("app/models/user.py", "User.x = sa.Column(sa.Text)", "migrations in users: "),
    ],
)
def test_failed_migration_leaves_nothing(
    file: str, text: str, words: str, service: Path
) -> None:
    if not (service / file).exists():
        shutil.copy(service / MIGRATIONS / "0001_items.py", service / file)
    append(service / file, f"\n{text}\n")
    before = status(service)
    done = resource(service, "--name=note", "--fields=title:str")

    assert re.search(words, refusal(done))
    assert status(service) == before


def test_names_of_the_template_and_long_ones_are_refused(service: Path) -> None:
    for name, words in (
        ("token", "the template has a module of this name"),
        ("item", "the template has a module of this name"),
        ("record", "uses Record for something else"),
        ("n" * 60, f"fk_{'n' * 60}s_owner_id is longer than the 63 bytes"),
    ):
        done = resource(service, f"--name={name}", "--fields=owner:user")
        assert words in refusal(done)

    assert status(service) == []


def test_missing_variables_are_named_with_the_usage(service: Path) -> None:
    done = run(["make", "resource"], service, {"NAME": "A-MACHINE"})
    lines = done.stderr.splitlines()[:3]

    assert done.returncode == 2
    assert lines[0] == "resource: NAME and FIELDS missing"
    assert lines[1].startswith('make resource NAME=note FIELDS="')


def test_resource_that_is_edited_or_used_is_not_removed(service: Path) -> None:
    assert resource(service, "--name=note", "--fields=title:str").returncode == 0
    [migration] = (service / MIGRATIONS).glob("*_add_notes.py")
    written = migration.read_text(encoding="utf-8")
    revision = re.findall(r'^revision.*"(\w+)"', written, re.M)[0]
    files = status(service)
    for file, text, words in (
        (MODEL, "# Ours.", f"edited since it was written: {MODEL}"),
        (f"{MIGRATIONS}/next.py", f'down_revision = "{revision}"', "follows the"),
        ("app/ours.py", "from app.models.note import Note", "app/ours.py uses note"),
    ):
        before = (service / file).read_bytes() if file in files else None
        with (service / file).open("a", encoding="utf-8") as stream:
            stream.write(f"{text}\n")
        assert words in refusal(resource(service, "--name=note", "--remove"))
        writing.put(service / file, before)
    assert status(service) == files


def test_other_clone_compares_with_what_would_be_written(service: Path) -> None:
    options = ("--name=note", "--fields=title:str")
    assert resource(service, *options).returncode == 0
    shutil.rmtree(service / ".git/upkeep")
    unknown = resource(service, "--name=note", "--remove")
    other = resource(service, "--name=note", "--fields=title:text", "--remove")

    assert "no record of note: add the FIELDS" in refusal(unknown)
    assert f"edited since it was written: {MODEL}" in refusal(other)
    assert resource(service, *options, "--remove").returncode == 0
    assert status(service) == []


@pytest.mark.parametrize("file", SHARED)
def test_registration_is_removed_again(
    file: str, render: Project, tmp_path: Path
) -> None:
    for name in SHARED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(render() / name, tmp_path / name)
    append(tmp_path / "docs/resources.md", "\nOurs.\n")
    before = (tmp_path / file).read_bytes()
    added = NOTES.add(tmp_path)
    text = (tmp_path / file).read_text(encoding="utf-8")
    removed = NOTES.remove(tmp_path)

    assert added == removed == [*SHARED]
    assert "ote" in text and text.encode() != before
    assert (tmp_path / file).read_bytes() == before


def test_lost_marker_is_named(render: Project, tmp_path: Path) -> None:
    (tmp_path / "app/models").mkdir(parents=True)
    shutil.copy(render() / SHARED[0], tmp_path / SHARED[0])
    substitute(tmp_path / SHARED[0], "Your own tables", "Our tables")

    with pytest.raises(RefusedError, match="--heal app/models/__init__.py"):
        NOTES.add(tmp_path)


def test_interrupted_write_restores_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_text("ours", encoding="utf-8")

    with pytest.raises(UnicodeEncodeError):
        writing.store({"a": "theirs", "new/b": "theirs", "c": "\ud800"})

    assert [path.name for path in tmp_path.rglob("*")] == ["a"]
    assert (tmp_path / "a").read_text(encoding="utf-8") == "ours"


def test_record_is_in_the_folder_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    succeed(["git", "init", "--quiet"], tmp_path)
    (tmp_path / "resources").mkdir()
    monkeypatch.chdir(tmp_path / "resources")
    written = record.Record("notes", "x.py", {"x.py": record.digest("x")})
    record.write("note", written)

    assert record.read("note") == written
    assert record.read("memo") is None
    assert [path.name for path in tmp_path.iterdir() if path.name != ".git"] == [
        "resources"
    ]
