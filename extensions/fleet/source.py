"""Reads repositories: their newest commits, and clones that share stored objects."""

import shutil
import threading
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from extensions.commands import Commands
from extensions.fleet import reason
from extensions.fleet.listing import Repository
from extensions.refusals import RefusalError

# Blobs are fetched when a work tree needs them; not every server can leave them out.
FILTER = "blob:none"
PARTIAL = (
    "remote.origin.promisor=true",
    f"remote.origin.partialCloneFilter={FILTER}",
    "extensions.partialClone=origin",
)
# What a fetch that was killed leaves behind; no other process works in the folder.
LEFT = ("*.lock", "tmp_*")
# Entries of one repository share its objects.
_LOCKS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class Tip:
    """The newest commit of a branch; a detached HEAD has no branch."""

    branch: str
    commit: str


def git(commands: Commands, folder: Path, *arguments: str | Path) -> str:
    """Run git, and return its output. Raises RefusalError with its reason."""
    done = commands.run(["git", *arguments], folder)
    if done.code:
        raise RefusalError(reason.of_git(done))
    return done.output.strip()


def tip(repository: Repository, work: Path, commands: Commands) -> Tip:
    """Ask for the newest commit. Raises RefusalError."""
    url, branch = repository.url, repository.branch
    if Path(url).is_absolute() and not Path(url).exists():
        raise RefusalError(f"{url} does not exist")
    wanted = f"refs/heads/{branch}" if branch else "HEAD"
    listed = git(commands, work, "ls-remote", "--symref", "--", url, wanted)
    lines = [line.split("\t") for line in listed.splitlines()]
    found = {name: value for value, name in reversed(lines) if "ref: " not in value}
    linked = [value for value, name in lines if name == wanted and "ref: " in value]
    if wanted not in found:
        raise RefusalError(f"it has no branch {branch}" if branch else "it is empty")
    whole = linked[0].removeprefix("ref: ") if linked else f"refs/heads/{branch}"
    return Tip(whole.removeprefix("refs/heads/"), found[wanted])


def objects(repository: Repository, new: Tip, work: Path, commands: Commands) -> Path:
    """Return a repository with that commit: the local one, or a stored copy."""
    if Path(repository.url).is_dir():
        return Path(repository.url)
    name = sha256(repository.url.encode()).hexdigest()[:12]
    store = (work / "objects" / f"{name}.git").resolve()
    with _LOCKS[repository.url]:
        if not store.exists():
            _create(repository.url, store, commands)
        for left in [path for pattern in LEFT for path in store.rglob(pattern)]:
            left.unlink()
        wanted = f"+refs/heads/{new.branch}" if new.branch else "+HEAD"
        reference = f"{wanted}:refs/heads/{new.branch or 'fleet-head'}"
        git(commands, store, "fetch", "--quiet", "--no-tags", "origin", reference)
    return store


def _create(url: str, store: Path, commands: Commands) -> None:
    """Store the objects of a remote repository."""
    store.parent.mkdir(parents=True, exist_ok=True)
    new = store.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    options = ("--quiet", "--bare", "--no-tags", "--single-branch")
    clone = ("clone", *options, f"--filter={FILTER}", "--", url, new)
    git(commands, store.parent, *clone)
    new.rename(store)


def clone(
    repository: Repository, new: Tip, work: Path, clone: Path, commands: Commands
) -> None:
    """Clone the newest commit; its objects stay where they are stored."""
    store = objects(repository, new, work, commands)
    if clone.exists():
        shutil.rmtree(clone)
    remote = store != Path(repository.url)
    settings = [word for it in PARTIAL for word in ("-c", it)] if remote else []
    options = ("--quiet", "--shared", "--no-checkout", *settings)
    git(commands, clone.parent, "clone", *options, "--", store, clone)
    git(commands, clone, "remote", "set-url", "origin", repository.url)
    branch = ("--no-track", "-C", new.branch) if new.branch else ("--detach",)
    git(commands, clone, "switch", "--quiet", *branch, new.commit)


def clean(clone: Path, commands: Commands) -> None:
    """Remove environments, caches and other files that git does not track."""
    if (clone / ".git").is_dir():
        git(commands, clone, "clean", "--quiet", "-ffdx")
