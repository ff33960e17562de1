"""Says where the project differs from its template: `python -m upkeep.drift`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from upkeep import allowed_drift, answers, git, ownership, baseline, merge_regions
from upkeep.git import ROOT, RefusedError
from upkeep.ownership import Ownership

ALLOWED = Path(__file__).with_name("drift.yml")


@dataclass(frozen=True)
class Deviation:
    """A file that is not what the template gave."""

    path: str
    owner: str
    state: str
    reason: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing differs but what is allowed. 1: something does, or is refused."""
    options = parse(arguments)
    try:
        reasons = allowed_drift.read(ALLOWED)
        origin = answers.read()
        tree = baseline.render(origin)
        owners = ownership.read()
        for path in options.heal:
            heal(path, tree, owners)
        found = find(tree, owners, reasons)
    except RefusedError as error:
        print(f"drift: {error}", file=sys.stderr)
        return 1
    show = as_json if options.json else page
    print(show(origin.release, found))
    return int(any(not one.reason for one in found))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="upkeep.drift", description=__doc__)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "--heal",
        action="append",
        default=[],
        type=os.path.normpath,
        metavar="PATH",
        help="bring a file back; what stands below its anchors stays",
    )
    return parser.parse_args(arguments)


def find(
    tree: baseline.Tree, owners: Ownership, reasons: allowed_drift.Reasons
) -> list[Deviation]:
    """Compare every file that the template renders."""
    return [
        Deviation(path, owners.of(path), state, reasons.of(path))
        for path, given in tree.items()
        if (state := compare(path, given, owners))
    ]


def compare(path: str, given: bytes, owners: Ownership) -> str:
    """Say what is wrong with a file; seeded ones may be as they like."""
    file, owner = ROOT / path, owners.of(path)
    if owner == "seeded" or path == answers.NAME:
        return ""
    if not file.is_file():
        return "missing"
    text = file.read_bytes()
    if text == given:
        return ""
    if owner == "shared" and not merge_regions.deviates(
        path, text.decode(), given.decode(), owners.shared[path]
    ):
        return ""
    return "changed"


def heal(path: str, tree: baseline.Tree, owners: Ownership) -> None:
    """Bring a file back to what the template gave."""
    if path not in tree or owners.of(path) == "seeded":
        raise RefusedError(f"{path} is not the template's: nothing to heal")
    file, text = ROOT / path, tree[path]
    if file.exists() and git.dirty(path):
        raise RefusedError(f"{path} is not committed: healing would lose what is new")
    if owners.of(path) == "shared" and (old := last(path)):
        anchors = owners.shared[path]
        whole = merge_regions.healed(path, old, text.decode(), anchors)
        if whole is None:
            raise RefusedError(
                f"{path} has lost a line of these: {' '.join(anchors)} Put it back"
                " above what is yours"
            )
        text = whole.encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text)


def last(path: str) -> str:
    """Give the text of a file, or what was committed of one that was just deleted."""
    if (file := ROOT / path).exists():
        return file.read_text(encoding="utf-8")
    return git.attempt("show", f"HEAD:./{path}").stdout.decode()


def page(release: str, found: list[Deviation]) -> str:
    """Show what differs, by who owns it."""
    lines = [
        f"{one.owner:<10} {one.state:<8} {one.path}"
        + (f"  (allowed: {one.reason})" if one.reason else "")
        for one in sorted(found, key=lambda it: (bool(it.reason), it.owner, it.path))
    ]
    let = sum(bool(one.reason) for one in found)
    return "\n".join(
        [*lines, f"Beside {release}: {len(found) - let} deviations, {let} allowed"]
    )


def as_json(release: str, found: list[Deviation]) -> str:
    """Say the same for machines."""
    deviations = [asdict(one) for one in found]
    return json.dumps({"release": release, "deviations": deviations}, indent=2)


if __name__ == "__main__":
    sys.exit(main())
