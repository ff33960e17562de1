"""Commits the standard without the application to a new branch."""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from extensions.adopt.evidence import Evidence
from extensions.adopt.inference import Found
from extensions.adopt.layout import Layout
from extensions.adopt.seeds import seeds
from extensions.adopt.source import Template, render
from extensions.commands import Commands, isolated, surroundings
from extensions.refusals import RefusalError

ADDED = "adopt-standards"
MESSAGE = "Adopt the standard: gates, hooks, pipeline and updates"
# The oldest Python that runs the gates, and what of the answers the standard needs.
OLDEST = "3.12"
NAMES = ("project_name", "project_slug")
# Durations and warnings differ from run to run.
SUMMARY = re.compile(
    r"\b\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed)|\bOK\b|FAILED"
)

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Repository:
    """A git repository, and the folder in it that adopts the standard."""

    top: Path
    folder: Path
    commands: Commands

    @property
    def prefix(self) -> str:
        """Return the path of the folder in the repository, with a slash, or nothing."""
        path = self.folder.relative_to(self.top).as_posix()
        return "" if path == "." else f"{path}/"

    def git(self, *arguments: str) -> str:
        """Return the output of git at the top. Raises RefusalError."""
        return self.commands.need(["git", *arguments], self.top)

    def current(self) -> str:
        """Return the current branch, or the commit of a detached HEAD."""
        shown = ["git", "symbolic-ref", "--quiet", "--short", "HEAD"]
        return self.commands.run(shown, self.top).output.strip() or self.git(
            "rev-parse", "HEAD"
        )

    def undo(self, start: str) -> None:
        """Switch back to a branch or a commit, and delete the new branch."""
        detached = ["--detach"] if re.fullmatch(r"[0-9a-f]{40,64}", start) else []
        self.git("switch", "--quiet", *detached, start)
        self.git("branch", "--quiet", "--delete", "--force", ADDED)


def rendered(place: Path) -> dict[str, bytes]:
    """Return the rendered files by their paths."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def answers(found: Found, places: Layout, *, top: bool) -> dict[str, Any]:
    """Return the answers of the standard; no question asks for its scope."""
    minimum = str(found.get("python_version", (OLDEST, ""))[0])
    tools = max(minimum, OLDEST, key=lambda it: [int(part) for part in it.split(".")])
    kept = {name: str(found[name][0]) for name in NAMES if name in found}
    return {
        **kept,
        "python_version": tools,
        "ci": found["ci"][0] if top else "none",
        "scope": "standards",
        "sources": places.sources,
        "tests": places.tests,
        "minimum_python": minimum,
    }


def adopt(
    repository: Repository,
    evidence: Evidence,
    template: Template,
    known: dict[str, Any],
    command: str,
) -> None:
    """Add the standard, unless the repository's own tests give another result."""
    start = repository.current()
    before = tests(repository, command)
    with TemporaryDirectory() as folder:
        files = rendered(render(Path(folder) / "pure", template, known))
    notes = add(repository, evidence, files)
    after = tests(repository, command)
    print(f"\nIts own tests ({command or 'not run: name them with --check'})")
    print(f"    before    {before}\n    after     {after}")
    if after != before:
        repository.undo(start)
        raise RefusalError("its own tests give another result: nothing is changed")
    quoted = shlex.quote(str(repository.folder))
    lines = [
        f"\nThe standard is on the branch {ADDED}:",
        *(f"    {it}" for it in notes),
    ]
    lines += ["\nThen:\n", f"    cd {quoted}", "    make lint", "\nand here:\n"]
    lines += [f'    make adopt REPO={quoted} ARGS="--report --waive-until=DATE"']
    print(
        "\n".join([*lines, f"\nTo undo it: git switch {start}; git branch -D {ADDED}"])
    )


def add(
    repository: Repository, evidence: Evidence, files: dict[str, bytes]
) -> list[str]:
    """Commit the files to a new branch, and switch to it. Returns notes for people."""
    seeded = seeds(evidence, files, top=not repository.prefix)
    if taken := sorted(it for it in files if (repository.folder / it).exists()):
        shown = ", ".join(taken[:5])
        raise RefusalError(f"it has {shown}: the standard has files of these names")
    texts = {name: text.encode() for name, text in seeded.texts.items()}
    for name in texts:
        if (repository.folder / name).exists() and name not in evidence.files:
            raise RefusalError(f"git ignores {name}: commit it, or move it away first")
    commit(repository, {**files, **texts})
    return seeded.notes


def commit(repository: Repository, files: Files) -> None:
    """Create the branch from HEAD and the files, and switch to it, without hooks."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "tree"
        for name, content in files.items():
            path = place / repository.prefix / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        environment = isolated(repository.top) | {
            "GIT_DIR": repository.git("rev-parse", "--absolute-git-dir"),
            "GIT_WORK_TREE": str(place),
            "GIT_INDEX_FILE": str(Path(folder) / "index"),
        }

        def git(*arguments: str) -> str:
            """Return the output of git with an index and a work tree of its own."""
            done = repository.commands.run(["git", *arguments], place, environment)
            if done.code:
                raise RefusalError(done.last)
            return done.output.strip()

        git("read-tree", "HEAD")
        git("add", "--no-all", "--force", ".")
        new = git("commit-tree", "-p", "HEAD", "-m", MESSAGE, git("write-tree"))
    repository.git("branch", ADDED, new)
    try:
        repository.git("switch", "--quiet", ADDED)
    except RefusalError:
        repository.git("branch", "--delete", "--force", ADDED)
        raise


def tests(repository: Repository, command: str) -> str:
    """Run the tests of the repository. Returns their counts, or the last line."""
    if not command:
        return "not run"
    shell = ["bash", "-c", command]
    done = repository.commands.run(shell, repository.folder, surroundings())
    counts = SUMMARY.findall(done.output + done.errors)
    last = re.sub(r"[0-9.]+ ?s", "", done.last)
    return f"exit code {done.code}: {', '.join(counts) or last}"


def own_tests(folder: Path, paths: list[str]) -> str:
    """Return the command of the repository's own tests, or nothing."""
    for place in (folder / ".venv/bin/pytest", folder / "venv/bin/pytest"):
        if paths and os.access(place, os.X_OK):
            return f"{place.relative_to(folder)} -q"
    return ""
