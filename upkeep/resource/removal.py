"""Removes a resource whose files are unedited: start with `remove`."""

import re
from collections.abc import Mapping
from dataclasses import replace

from upkeep.errors import RefusedError
from upkeep.git import ROOT
from upkeep.resource import migration, record, scratch, writing
from upkeep.resource.files import COMMON, VALUES
from upkeep.resource.record import Record, digest
from upkeep.resource.registration import Registration, tables
from upkeep.resource.spec import Resource


def remove(name: str, written: Record, *, dry_run: bool) -> str:
    """Delete the files and the lines in shared files. Raises RefusedError."""
    written = without_common(written)
    check_unedited(written)
    check_unused(name, written)
    model = (ROOT / f"app/models/{name}.py").read_text(encoding="utf-8")
    registration = Registration(Resource(name, written.plural, ()), tables(model))
    with scratch.copy() as place:
        changed = registration.remove(place)
        for path in written.digests:
            (place / path).unlink(missing_ok=True)
        changed += writing.write_schema(place)
        texts = {path: writing.read(place, path) for path in changed}
    if not dry_run:
        writing.store({**dict.fromkeys(written.digests), **texts})
        record.forget(name)
    return "\n".join(
        [
            *(f"removed  {path}" for path in written.digests),
            *(f"changed  {path}" for path in changed),
            "",
            (
                "Nothing was removed. A database that has run the migration needs"
                " alembic downgrade -1 before the file is removed."
                if dry_run
                else "A database that has run the migration needs alembic downgrade"
                " -1: bring the file back for it, and delete it again."
            ),
        ]
    )


def without_common(written: Record) -> Record:
    """Leave out the types for all resources if they are edited, or still used."""
    common = {path: written.digests[path] for path in COMMON if path in written.digests}
    used = any(
        VALUES in file.read_text(encoding="utf-8")
        for file in ROOT.glob("app/**/*.py")
        if file.as_posix() not in written.digests
    )
    if not used and not edited(common):
        return written
    own = {path: it for path, it in written.digests.items() if path not in common}
    return replace(written, digests=own)


def edited(digests: Mapping[str, str]) -> list[str]:
    """Return the files that were edited or deleted."""
    return [
        path
        for path, known in digests.items()
        if not (ROOT / path).is_file() or digest(writing.read(ROOT, path)) != known
    ]


def check_unedited(written: Record) -> None:
    """Refuse a resource of which a file was edited or deleted."""
    if found := edited(written.digests):
        raise RefusedError(
            f"edited since it was written: {', '.join(found)}: remove it by hand"
        )


def check_unused(name: str, written: Record) -> None:
    """Refuse a resource on which another migration or module depends."""
    check_last(written.migration)
    plural = re.escape(written.plural)
    used = re.compile(
        rf"\b(app\.(models|schemas|core)\.{name}|app\.services\.{plural}"
        rf"|tests\.{name}_factories)\b|[\"']{plural}\.id[\"']"
    )
    for file in [*ROOT.glob("app/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        path = file.as_posix()
        if path in written.digests or path == "app/models/__init__.py":
            continue
        if used.search(file.read_text(encoding="utf-8")):
            raise RefusedError(f"{path} uses {name}: remove that first")


def check_last(path: str) -> None:
    """Refuse a resource whose migration others follow."""
    if later := migration.followers(path):
        raise RefusedError(
            f"{later[0]} follows the migration {path}: databases need both; write a"
            " migration that drops the table instead"
        )


def repeat(registration: Registration, files: dict[str, str]) -> Record:
    """Return the record of what the generator writes today. Raises RefusedError.

    The resource is written anew into a copy of the project that is without it.
    """
    plural = registration.resource.plural
    found = [*(ROOT / migration.VERSIONS).glob(f"*_add_{plural}.py")]
    if len(found) != 1:
        raise RefusedError(
            f"{len(found)} migrations are named add_{plural}: remove it by hand"
        )
    path = found[0].as_posix()
    check_last(path)
    with scratch.copy() as place:
        for name in (*files, path):
            (place / name).unlink(missing_ok=True)
        registration.remove(place)
        draft = writing.draft(place, registration, files)
    digests = {name: digest(draft.new[name]) for name in files}
    given = (ROOT / path).read_text(encoding="utf-8")
    is_unedited = body(given) == body(draft.new[draft.migration])
    return Record(plural, path, {**digests, path: digest(given) if is_unedited else ""})


def body(text: str) -> str:
    """Return a migration without its ID, which is random."""
    return text.replace(migration.revision(text).strip("\"'"), "")
