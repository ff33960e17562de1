"""`make resource`: writes a resource into the project, or removes one."""

import argparse
import os
import sys
from collections.abc import Sequence

from upkeep import git
from upkeep.errors import RefusedError
from upkeep.git import ROOT
from upkeep.resource import (
    collisions,
    field_types,
    fields,
    migration,
    names,
    project,
    record,
    removal,
    scratch,
    targets,
    writing,
)
from upkeep.resource.files import COMMON, render
from upkeep.resource.record import Record, digest
from upkeep.resource.registration import Registration, tables
from upkeep.resource.spec import Resource, Target

USAGE = f"""\
resource: {{missing}}
make resource NAME=note FIELDS='title:str:120! body:text? kind:enum(draft,live)'
types: {field_types.TYPES}, a resource; ! unique, ? optional: docs/resources.md"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or remove a resource. Returns 1 if it was refused."""
    options = parse(arguments)
    wanted = {"NAME": options.name, "FIELDS": options.fields or options.remove}
    if missing := [name for name, value in wanted.items() if not value]:
        print(USAGE.format(missing=f"{' and '.join(missing)} missing"), file=sys.stderr)
        return 1
    try:
        page = remove(options) if options.remove else add(options)
    except RefusedError as error:
        print(f"resource: {error}", file=sys.stderr)
        return 1
    print(page)
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; make passes its variables in the environment."""
    parser = argparse.ArgumentParser(prog="resource", description=__doc__)
    add_option = parser.add_argument
    for option, purpose in (
        ("name", "the singular, as in note"),
        ("fields", "the fields, as in 'title:str! body:text?'"),
        ("plural", "the plural, if it is not regular"),
    ):
        given = os.environ.get(option.upper(), "").strip()
        add_option(f"--{option}", default=given, metavar="TEXT", help=purpose)
    add_option("--dry-run", action="store_true", help="show it, write nothing")
    add_option("--remove", action="store_true", help="remove an unedited resource")
    return parser.parse_args(arguments)


def describe(options: argparse.Namespace) -> tuple[Registration, dict[str, str]]:
    """Return the resource that is asked for, and its files. Raises RefusedError."""
    answers = project.read()
    name, plural = names.pair(options.name, options.plural)
    project.check_reserved(name, plural, answers)
    known = targets.find() | {name: Target.generated(name, plural)}
    resource = Resource(name, plural, fields.parse(options.fields, known))
    fields.check_references(resource)
    files = collisions.check(resource, lambda one: render(one, answers))
    model = next(text for path, text in files.items() if path.startswith("app/models/"))
    # What an earlier resource wrote for all of them stays as it is.
    common = {path for path in COMMON if (ROOT / path).exists()}
    new = {path: text for path, text in files.items() if path not in common}
    return Registration(resource, tables(model)), new


def add(options: argparse.Namespace) -> str:
    """Write a resource. Returns what was written. Raises RefusedError."""
    registration, files = describe(options)
    project.check_taken(registration, files)
    if git.dirty():
        print("resource: warning: not all of your work is committed", file=sys.stderr)
    with scratch.copy() as place:
        draft = writing.draft(place, registration, files)
    if not options.dry_run:
        writing.store({**draft.new, **draft.changed})
        digests = {path: digest(text) for path, text in draft.new.items()}
        plural = registration.resource.plural
        record.write(options.name, Record(plural, draft.migration, digests))
    return "\n".join(
        [
            *(f"new      {path}" for path in draft.new),
            *(f"changed  {path}" for path in draft.changed),
            f"\n{migration.upgrade(draft.new[draft.migration])}\n",
            (
                "Nothing was written."
                if options.dry_run
                else f"Read {draft.migration}, then: make migrate, make check"
            ),
        ]
    )


def remove(options: argparse.Namespace) -> str:
    """Remove a resource. Returns what was removed. Raises RefusedError."""
    project.read()
    model = f"app/models/{names.check('NAME', options.name)}.py"
    if not (ROOT / model).exists():
        raise RefusedError(f"there is no {model}: NAME is that of a resource")
    written = record.read(options.name)
    if written is None and not options.fields:
        raise RefusedError(
            f"this clone has no record of {options.name}: add the FIELDS (and PLURAL)"
            " that it was made with, to compare"
        )
    if written is None:
        registration, files = describe(options)
        written = removal.repeat(registration, files)
    return removal.remove(options.name, written, dry_run=options.dry_run)
