"""Remembers what was there before an update, and brings it back."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from upkeep import git
from upkeep.git import ROOT, RefusedError

# What the project looked like before an update was undone.
UNDONE = "refs/upkeep/undone"
NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "upkeep"), ("EMAIL", "upkeep@localhost"))
}

Stage = Literal["merging", "merged", "finished", "undoing"]


@dataclass
class Journal:
    """How far an update has come, and from where."""

    commit: str
    release: str
    arguments: list[str]
    stage: Stage = "merging"

    def write(self) -> None:
        """Keep it in the folder of git; a kill leaves the old page or the new one."""
        page = folder() / "update_state.json"
        page.parent.mkdir(parents=True, exist_ok=True)
        draft = page.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(page)

    def reach(self, stage: Stage) -> None:
        """Note how far it has come."""
        self.stage = stage
        self.write()


def folder() -> Path:
    """Name the folder of this project, which may share its repository with others."""
    prefix = git.line("rev-parse", "--show-prefix") or "-"
    return ROOT / git.line("rev-parse", "--git-path", "upkeep") / quote(prefix, "")


def read() -> Journal | None:
    """Give the last update, if there was one."""
    page = folder() / "update_state.json"
    return Journal(**json.loads(page.read_bytes())) if page.exists() else None


def begin(release: str, arguments: list[str], rendered: set[str]) -> Journal:
    """Open the update_state; what git ignores though the template renders it is copied."""
    shutil.rmtree(folder(), ignore_errors=True)
    ignored = git.names("ls-files", "--others", "--ignored", "--exclude-standard", "-z")
    for name in rendered & {*ignored}:
        kept = folder() / "kept" / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, kept)
    update_state = Journal(git.line("rev-parse", "HEAD"), release, arguments)
    update_state.write()
    return update_state


def undo(update_state: Journal) -> None:
    """Bring back every byte, and drop what came; what is here now is kept in git."""
    if git.line("rev-parse", "HEAD") != update_state.commit:
        raise RefusedError(
            "there are commits since the update began, which are not dropped here:"
            f" git log {update_state.commit[:12]}.."
        )
    if update_state.stage != "undoing":
        snapshot(update_state.commit)
        update_state.reach("undoing")
    git.content("restore", f"--source={update_state.commit}", "--staged", "--worktree", ".")
    # A name that ends so is a repository of its own.
    for name in (one for one in git.untracked() if not one.endswith("/")):
        remove(ROOT / name)
    kept = folder() / "kept"
    for copy in (path for path in kept.rglob("*") if path.is_file()):
        (ROOT / copy.relative_to(kept)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(copy, ROOT / copy.relative_to(kept))
    close()


def close() -> None:
    """Forget the update."""
    shutil.rmtree(folder())


def snapshot(parent: str) -> None:
    """Commit what is here to a place of its own; the index stays as it is."""
    env = NOBODY | {"GIT_INDEX_FILE": str(folder().resolve() / "index")}
    git.content("read-tree", parent, env=env)
    git.content("add", "--all", "--", ".", env=env)
    tree = git.line("write-tree", env=env)
    made = git.line("commit-tree", tree, "-p", parent, "-m", "Before undoing", env=env)
    git.content("update-ref", UNDONE, made)


def remove(path: Path) -> None:
    """Delete a file, and the folders that are empty then."""
    path.unlink()
    for parent in path.relative_to(ROOT).parents:
        above = ROOT / parent
        if above == ROOT or any(above.iterdir()):
            return
        above.rmdir()
