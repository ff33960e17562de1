"""Remembers how far an update has come, and brings back what was there before it.

The state is in the git folder of the project. Releases since 0.4.0 write it to the same
place in the same form, so that an update of one release can be ended by another.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from upkeep import answers, conflicts, git
from upkeep.errors import RefusedError
from upkeep.git import ROOT

# The working tree before an update was undone.
UNDONE = "refs/upkeep/undone"
IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "upkeep"), ("EMAIL", "upkeep@localhost"))
}
MAKEFILES, BOOTSTRAP = ("Makefile", "Makefile.local"), "upkeep.py"

Stage = Literal["merging", "merged", "finished", "undoing"]


@dataclass
class UpdateState:
    """Where an update began, and the stage that it has reached.

    Attributes:
        commit: HEAD when the update began.
        release: The release that the project had.
        arguments: Options for Copier: another release, other answers.
        stage: The last stage that was reached.
    """

    commit: str
    release: str
    arguments: list[str]
    stage: Stage = "merging"

    def write(self) -> None:
        """Write the state; after a kill, the old one or the new one is there."""
        file = state_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(file)

    def reach(self, stage: Stage) -> None:
        """Record the next stage."""
        self.stage = stage
        self.write()


def folder() -> Path:
    """Return the folder of an update, which is removed with it."""
    return git.project_folder("upkeep")


def state_file() -> Path:
    """Return the file of the state; its name is that of release 0.4.0."""
    return folder() / "journal.json"


def ending(option: str) -> str:
    """Return the command that ends an update, also if a conflict stops make."""
    broken = conflicts.marked()
    if BOOTSTRAP in broken:
        return f".venv/bin/python {folder() / 'tools/upkeep'} update {option}"
    if {*MAKEFILES} & {*broken}:
        return f".venv/bin/python {BOOTSTRAP} {option}"
    return f"make update ARGS={option}"


def read() -> UpdateState | None:
    """Return the state of the last update, or None if there was none."""
    if not (file := state_file()).exists():
        return unrecorded()
    state = UpdateState(**json.loads(file.read_bytes()))
    if state.stage == "finished" and state.commit != git.line("rev-parse", "HEAD"):
        return unrecorded() or state
    return state


def unrecorded() -> UpdateState | None:
    """Recognise an update by plain Copier, as of the releases before 0.4.

    How far it has come is not known: it can be undone, or begun again.
    """
    committed = git.attempt("show", f"HEAD:./{answers.NAME}")
    if committed.returncode or not answers.FILE.exists():
        return None
    before = answers.release(committed.stdout.decode())
    text = answers.FILE.read_text(encoding="utf-8")
    after = answers.release(text)
    if before == after or not ("<<<<<<<" in text or answers.intact(text, after)):
        return None
    return UpdateState(git.line("rev-parse", "HEAD"), before, [])


def begin(release: str, arguments: list[str], rendered: set[str]) -> UpdateState:
    """Record that an update begins, and copy what undoing it needs.

    Args:
        release: The release that the project has.
        arguments: Options for Copier.
        rendered: Files that the template may write; those that git ignores are copied.
    """
    keep_tools()
    shutil.rmtree(folder() / "kept", ignore_errors=True)
    ignored = git.names("ls-files", "--others", "--ignored", "--exclude-standard", "-z")
    for name in rendered & {*ignored}:
        copy = folder() / "kept" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy)
    state = UpdateState(git.line("rev-parse", "HEAD"), release, arguments)
    state.write()
    return state


def kept() -> dict[str, bytes]:
    """Return the files that git ignores, as they were when the update began."""
    place = folder() / "kept"
    files = [path for path in place.rglob("*") if path.is_file()]
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def keep_tools() -> None:
    """Copy these tools beside the state: they end the update, without a network."""
    here, place = Path(__file__).resolve().parents[1], folder().resolve() / "tools"
    if here == place:
        return
    shutil.rmtree(place, ignore_errors=True)
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(here / "upkeep", place / "upkeep", ignore=caches)
    shutil.copy(here / "CHANGELOG.md", place)


def undo(state: UpdateState) -> None:
    """Restore every byte and forget the update. Raises RefusedError."""
    restore(state)
    close()


def restore(state: UpdateState) -> None:
    """Restore every byte and delete new files; git keeps a copy of what is here now.

    Raises RefusedError if something was committed since the update began.
    """
    if git.line("rev-parse", "HEAD") != state.commit:
        raise RefusedError(
            "there are commits since the update began, which are not dropped here:"
            f" git log {state.commit[:12]}.."
        )
    if state.stage != "undoing":
        snapshot(state.commit)
        state.reach("undoing")
    git.content("restore", f"--source={state.commit}", "--staged", "--worktree", ".")
    # A name that ends with a slash is a repository of its own.
    for name in (one for one in git.untracked() if not one.endswith("/")):
        remove(ROOT / name)
    for name in kept():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder() / "kept" / name, ROOT / name)


def close() -> None:
    """Forget the update."""
    shutil.rmtree(folder())


def snapshot(parent: str) -> None:
    """Commit the working tree to `refs/upkeep/undone`; the index stays as it is."""
    folder().mkdir(parents=True, exist_ok=True)
    env = IDENTITY | {"GIT_INDEX_FILE": str(folder().resolve() / "index")}
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
