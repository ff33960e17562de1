"""Says what an update changed, and what is left to a person."""

import re
from pathlib import Path

from upkeep import git, notes, ownership
from upkeep.conflicts import Damage
from upkeep.git import ROOT
from upkeep.update_state import Journal

VARIABLE = re.compile(r"^#? ?([A-Z][A-Z0-9_]*=.*)$", re.MULTILINE)
REVISION = re.compile(r"^(down_revision|revision)\b[^=]*= *(.+)$", re.MULTILINE)
VERSIONS = "alembic/versions"

Chapter = tuple[str, list[str]]


def page(begun: Journal, new: str, conflicts: Damage) -> str:
    """Write everything down, as Markdown; people may have committed some of it."""
    old, since = begun.release, begun.commit
    hands = [*migrations(since), *variables(since)]
    chapters: list[Chapter] = [
        ("Conflicts", [f"- `{name}`" for name in conflicts.conflicts + conflicts.rejects]),
        (
            "Deleted, though somebody had written in them",
            [f"- `git show HEAD:./{name}`" for name in conflicts.lost],
        ),
        ("By hand", [f"- {line}" for line in hands]),
        *(
            (f"Before you deploy {title}", [text])
            for title, text in notes.before_deploying(old, new, notes.read()).items()
        ),
        ("Changed files", files(since)),
    ]
    lines = [f"# The template: {old} → {new}"]
    for title, content in chapters:
        lines += ["", f"## {title}", "", *content] if content else []
    return "\n".join(lines)


def files(since: str) -> list[str]:
    """List the files that are not as they were, by who owns them."""
    owners, new, gone = ownership.read(), git.came(since), git.changed("D", since)
    marks = dict.fromkeys(new, " (new)") | dict.fromkeys(gone, " (gone)")
    return [
        f"- {owners.of(name)}: `{name}`{marks.get(name, '')}"
        for name in sorted(
            {*git.changed(since=since), *new}, key=lambda it: (owners.of(it), it)
        )
    ]


def migrations(since: str) -> list[str]:
    """Say which migrations came, and whether they have to be joined with others."""
    came = [name for name in git.came(since) if name.startswith(VERSIONS)]
    if not came:
        return []
    lines = [f"migrations came ({', '.join(came)}): make migrate"]
    if len(heads()) > 1:
        lines.append(
            "two chains of migrations: .venv/bin/alembic merge heads, then make migrate"
        )
    return lines


def heads(folder: Path = ROOT / VERSIONS) -> set[str]:
    """Name the revisions on which no other one stands."""
    known: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in folder.glob("*.py"):
        for key, value in REVISION.findall(file.read_text(encoding="utf-8")):
            known[key] |= set(re.findall(r"[\"']([^\"']+)[\"']", value))
    return known["revision"] - known["down_revision"]


def variables(since: str) -> list[str]:
    """Say what is different about the environment."""
    name = ".env.example"
    if name not in git.changed(since=since):
        return []
    old = settings(git.content("show", f"{since}:./{name}").decode())
    new = settings((ROOT / name).read_text(encoding="utf-8"))
    return [
        *(f"new variable: `{one}={new[one]}`" for one in new if one not in old),
        *(f"variable is gone: `{one}`" for one in old if one not in new),
        *(
            f"variable changed: `{one}={old[one]}` is `{one}={new[one]}`"
            for one in new
            if old.get(one, new[one]) != new[one]
        ),
    ]


def settings(text: str) -> dict[str, str]:
    """Read the variables and their values, those in comments as well."""
    return dict(line.split("=", 1) for line in VARIABLE.findall(text))
