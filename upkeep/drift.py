"""Reports where the project differs from its template: `make drift`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from upkeep import allowed_drift, answers, baseline, git, merge_regions, ownership
from upkeep.allowed_drift import AllowedDrift
from upkeep.errors import RefusedError
from upkeep.git import ROOT


@dataclass(frozen=True)
class Deviation:
    """A file that is not as the template renders it."""

    path: str
    owner: str
    state: str
    reason: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Report deviations. Returns 1 if one is not allowed, or if it was refused."""
    options = parse(arguments)
    try:
        allowed = allowed_drift.read()
        origin = answers.read()
        tree = baseline.render(origin)
        for path in options.heal:
            heal(path, tree)
        found = find(tree, allowed)
    except RefusedError as error:
        print(f"drift: {error}", file=sys.stderr)
        return 1
    show = as_json if options.json else page
    print(show(origin.release, found))
    return int(any(not one.reason for one in found))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="drift", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--heal",
        action="append",
        default=[],
        type=os.path.normpath,
        metavar="PATH",
        help="restore a file; lines below its markers are kept",
    )
    return parser.parse_args(arguments)


def find(tree: baseline.Tree, allowed: AllowedDrift) -> list[Deviation]:
    """Compare every file that the template renders."""
    return [
        Deviation(path, ownership.owner(path, given), state, allowed.reason(path))
        for path, given in tree.items()
        if (state := compare(path, given))
    ]


def compare(path: str, given: bytes) -> str:
    """Return how a file differs from its rendered text, or nothing.

    Seeded files belong to the project, and below its markers a shared one does.
    """
    file, owner = ROOT / path, ownership.owner(path, given)
    if owner == "seeded" or path == answers.NAME:
        return ""
    if not file.is_file():
        return "missing"
    text = as_stored(path, file.read_bytes())
    if text == given:
        return ""
    if owner == "shared" and not merge_regions.deviates(
        path, text.decode(), given.decode()
    ):
        return ""
    return "changed"


def as_stored(path: str, text: bytes) -> bytes:
    """Return a text without the line ends that git does not store."""
    plain = text.replace(b"\r\n", b"\n")
    if plain == text:
        return text
    stored = git.attempt("hash-object", "--", path).stdout
    same = git.attempt("hash-object", "--stdin", given=plain).stdout == stored
    return plain if same else text


def heal(path: str, tree: baseline.Tree) -> None:
    """Restore a file; the project's lines in it stay. Raises RefusedError."""
    owner = ownership.owner(path, tree[path]) if path in tree else "seeded"
    if owner == "seeded":
        raise RefusedError(f"{path} is not the template's: nothing to heal")
    file, text = ROOT / path, tree[path]
    if file.exists() and git.dirty(path):
        raise RefusedError(f"{path} is not committed: healing would lose what is new")
    if owner == "shared" and (current := last_text(path)):
        whole = merge_regions.heal(path, current, text.decode())
        if whole is None:
            lines = " ".join(ownership.markers(text.decode()))
            raise RefusedError(
                f"{path} has lost a line of these: {lines} Put it back above what is"
                " yours"
            )
        text = whole.encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text)


def last_text(path: str) -> str:
    """Return a file, or what was committed of one that was just deleted."""
    if (file := ROOT / path).exists():
        return file.read_text(encoding="utf-8")
    return git.attempt("show", f"HEAD:./{path}").stdout.decode()


def page(release: str, found: list[Deviation]) -> str:
    """Return a line for each deviation, by who owns the file."""
    lines = [
        f"{one.owner:<10} {one.state:<8} {one.path}"
        + (f"  (allowed: {one.reason})" if one.reason else "")
        for one in sorted(found, key=lambda it: (bool(it.reason), it.owner, it.path))
    ]
    allowed = sum(bool(one.reason) for one in found)
    summary = f"{len(found) - allowed} deviations, {allowed} allowed"
    return "\n".join([*lines, f"Beside {release}: {summary}"])


def as_json(release: str, found: list[Deviation]) -> str:
    """Return the deviations for programs."""
    deviations = [asdict(one) for one in found]
    return json.dumps({"release": release, "deviations": deviations}, indent=2)
