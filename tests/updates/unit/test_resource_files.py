"""What `make resource` registers, records and removes, without its generated code."""

import shutil
from pathlib import Path

import pytest

from tests.support.commands import append, succeed
from tests.support.fixture_types import Project
from tests.support.sample_releases import substitute
from upkeep.errors import RefusedError
from upkeep.resource import migration, record, removal, scratch, writing
from upkeep.resource.record import Record
from upkeep.resource.registration import Registration
from upkeep.resource.spec import Field, Resource

MODEL, MIGRATIONS = "app/models/note.py", "alembic/versions"
ADDED = f"{MIGRATIONS}/x_add_notes.py"
MODULE = 'class Note:\n    __tablename__ = "notes"\n'
SHARED = ("app/models/__init__.py", "app/api/router.py", "docs/resources.md")
NOTES = Registration(
    Resource("note", "notes", (Field("title", "str"),)),
    {"Note": "notes"},
)


def test_name_that_postgresql_would_cut_is_refused() -> None:
    migration.check_lengths(f"op.f('{'n' * 63}')")

    with pytest.raises(RefusedError, match="nn is longer than the 63 bytes"):
        migration.check_lengths(f"op.f('{'n' * 64}')")


@pytest.fixture
def written(render: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """Write a small resource into a folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    succeed(["git", "init", "--quiet"], tmp_path)
    for name in SHARED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(render() / name, tmp_path / name)
    files = {MODEL: MODULE, ADDED: 'revision: str = "0009"\n'}
    scratch.write(tmp_path, files)
    NOTES.add(tmp_path)
    digests = {path: record.digest(text) for path, text in files.items()}
    record.write("note", Record("notes", ADDED, digests))
    return Record("notes", ADDED, digests)


def test_unedited_resource_is_removed(written: Record, render: Project) -> None:
    shown = removal.remove("note", written, dry_run=True)
    assert record.read("note") == written
    assert removal.remove("note", written, dry_run=False).startswith(shown[:99])

    assert record.read("note") is None
    assert not Path(MODEL).exists() and not Path(ADDED).exists()
    router = (render() / SHARED[1]).read_text(encoding="utf-8")
    assert Path(SHARED[1]).read_text(encoding="utf-8") == router


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        (MODEL, "# Ours.", f"edited since it was written: {MODEL}"),
        (f"{MIGRATIONS}/next.py", 'down_revision = "0009"', "next.py follows the"),
        ("app/ours.py", "import app.models.note", "app/ours.py uses note"),
        ("app/ours.py", 'ForeignKey("notes.id")', "app/ours.py uses note"),
        (SHARED[0], "OURS = Note", "app/models/__init__.py uses Note"),
        (SHARED[1], "ours(notes)", "app/api/router.py uses notes"),
    ],
)
def test_edited_or_used_resource_is_not_removed(
    file: str, text: str, words: str, written: Record
) -> None:
    with Path(file).open("a", encoding="utf-8") as stream:
        stream.write(f"{text}\n")

    with pytest.raises(RefusedError, match=words):
        removal.remove("note", written, dry_run=False)
    assert Path(MODEL).exists()


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
    written = Record("notes", "x.py", {"x.py": record.digest("x")})
    record.write("note", written)

    assert record.read("note") == written
    assert record.read("memo") is None
    assert [path.name for path in tmp_path.iterdir() if path.name != ".git"] == [
        "resources"
    ]
