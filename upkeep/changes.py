"""Writes the report of an update: what it changed, and what is left to a person."""

import re
from pathlib import Path

from upkeep import baseline, git, notes, ownership
from upkeep.conflicts import Conflicts
from upkeep.git import ROOT
from upkeep.update_state import UpdateState, folder, kept

VARIABLE = re.compile(r"^#? ?([A-Z][A-Z0-9_]*=.*)$", re.MULTILINE)
REVISION = re.compile(r"^(down_revision|revision)\b[^=]*= *(.+)$", re.MULTILINE)
VERSIONS = "alembic/versions"

Section = tuple[str, list[str]]


def page(state: UpdateState, new: str, found: Conflicts) -> str:
    """Return the report as Markdown; people may have committed some of it."""
    old, since = state.release, state.commit
    steps = [*migrations(since), *variables(since), *unseen()]
    sections: list[Section] = [
        ("Conflicts", [f"- `{name}`" for name in found.unmerged + found.rejects]),
        (
            "Lost edits: these commands show your text",
            [f"- `{show(name)}`" for name in found.lost],
        ),
        ("By hand", [f"- {line}" for line in steps]),
        *(
            (f"Before you deploy {title}", [text])
            for title, text in notes.before_deploying(old, new, notes.read()).items()
        ),
        ("Changed files", files(since)),
    ]
    lines = [f"# The template: {old} → {new}"]
    for title, content in sections:
        lines += ["", f"## {title}", "", *content] if content else []
    return "\n".join(lines)


def show(name: str) -> str:
    """Return the command that shows a file as it was before the update."""
    copy = folder() / "kept" / name
    return f"cat {copy}" if copy.exists() else f"git show HEAD:./{name}"


def files(since: str) -> list[str]:
    """Return a line for each changed file, by who owns it."""
    new, deleted = git.added(since), git.changed("D", since)
    marks = dict.fromkeys(new, " (new)") | dict.fromkeys(deleted, " (gone)")
    owners = {
        name: ownership.owner(name, text(name, since))
        for name in {*git.changed(since=since), *new}
    }
    return [
        f"- {owner}: `{name}`{marks.get(name, '')}"
        for name, owner in sorted(owners.items(), key=lambda it: (it[1], it[0]))
    ]


def text(name: str, since: str) -> bytes:
    """Return a file, or what it was at a commit if it is gone."""
    if (file := ROOT / name).is_file():
        return file.read_bytes()
    return git.attempt("show", f"{since}:./{name}").stdout


def migrations(since: str) -> list[str]:
    """Return what to do about new migrations."""
    new = [name for name in git.added(since) if name.startswith(VERSIONS)]
    if not new:
        return []
    lines = [f"new migrations ({', '.join(new)}): make migrate"]
    if len(heads()) > 1:
        lines.append(
            "two chains of migrations: .venv/bin/alembic merge heads, then make migrate"
        )
    return lines


def heads(folder: Path = ROOT / VERSIONS) -> set[str]:
    """Return the revisions that no other revision follows."""
    known: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in folder.glob("*.py"):
        for key, value in REVISION.findall(file.read_text(encoding="utf-8")):
            known[key] |= set(re.findall(r"[\"']([^\"']+)[\"']", value))
    return known["revision"] - known["down_revision"]


def variables(since: str) -> list[str]:
    """Return a line for each environment variable that is new, changed or gone."""
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


def unseen() -> list[str]:
    """Return a line for each new file that git ignores, and so does not commit."""
    ignored = ("--others", "--ignored", "--exclude-standard", "-z")
    new = {*git.names("ls-files", *ignored)} & baseline.template_files()
    return [
        f"git ignores a new file: git add --force {name}"
        for name in sorted(new - {*kept()})
        if ownership.owner(name, b"") != "seeded"
    ]


def settings(text: str) -> dict[str, str]:
    """Return the variables and their values, those in comments as well."""
    return dict(line.split("=", 1) for line in VARIABLE.findall(text))
