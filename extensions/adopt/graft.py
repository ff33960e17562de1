"""Commits the rendered template to its own branch, and merges it once."""

from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from extensions.adopt.addition import ADDED
from extensions.adopt.source import Template, render
from extensions.commands import Commands, isolated
from extensions.refusals import RefusalError
from extensions.rendering import ANSWERS_FILE, Answers

PURE, ADOPTED = "template", "adopt-template"
# Files of the template, and files of other names for the same purpose.
COMPETING = {
    "compose.yaml": ("docker-compose.y*ml", "compose.yml"),
    "pyproject.toml": ("pytest.ini", "tox.ini", "setup.cfg", "setup.py", ".flake8"),
    "LICENSE": ("LICEN[SC]E*", "COPYING*"),
    ".github/workflows/ci.yaml": (".github/workflows/*",),
}


def check(folder: Path, commands: Commands) -> Path:
    """Refuse a repository that could not be restored. Returns its top."""
    found = commands.run(["git", "rev-parse", "--show-toplevel"], folder)
    if found.code:
        raise RefusalError(f"{folder} is in no git repository")
    top = Path(found.output.strip()).resolve()
    if commands.run(["git", "rev-parse", "--verify", "HEAD"], top).code:
        raise RefusalError(f"{top} has no commit yet: commit first")
    # Without a lock, git does not refresh its index: a report writes nothing.
    if commands.need(["git", "--no-optional-locks", "status", "--porcelain"], top):
        raise RefusalError("commit or stash your changes first")
    if (folder / ANSWERS_FILE).exists():
        raise RefusalError(f"it has a {ANSWERS_FILE}: it is adopted; see `make update`")
    for branch in (PURE, ADOPTED, ADDED):
        known = ["git", "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"]
        if not commands.run(known, top).code:
            raise RefusalError(f"it has a branch {branch}: rename or delete it first")
    return top


def graft(
    repository: Path, template: Template, answers: Answers, commands: Commands
) -> list[str]:
    """Merge the template into a new branch. Returns the files in conflict."""
    with TemporaryDirectory() as folder:
        pure = render(Path(folder) / "pure", template, answers)
        hidden(repository, pure, commands)
        if names := modules(repository, pure):
            raise RefusalError(
                f"it has {', '.join(names[:5])}, which the template has, too: adopt"
                " the standard only, or move them away first"
            )
        commit(repository, pure, commands)
    commands.need(["git", "switch", "--quiet", "--create", ADOPTED], repository)
    merge = [
        "git",
        "merge",
        "--quiet",
        "--no-edit",
        "--allow-unrelated-histories",
        PURE,
    ]
    done = commands.run(merge, repository)
    unmerged = ["git", "diff", "--name-only", "--diff-filter=U", "-z"]
    conflicts = commands.need(unmerged, repository).split("\0")[:-1]
    if done.code and not conflicts:
        raise RefusalError(done.last)
    return conflicts


def modules(repository: Path, pure: Path) -> list[str]:
    """Return own modules and packages that the template would replace or hide."""
    code = [
        it for it in sorted(pure.glob("*")) if it.is_dir() and any(it.rglob("*.py"))
    ]
    code += sorted(pure.glob("*.py"))
    names = [name for it in code for name in (it.stem, f"{it.stem}.py")]
    return [name for name in names if name != "tests" and (repository / name).exists()]


def competing(repository: Path, own: Iterable[str]) -> list[str]:
    """Return own files that do what new files of the template do, a line each."""
    lines, names = [], {*own}
    for new, patterns in COMPETING.items():
        found = [
            it for it in sorted(names) if any(fnmatch(it, one) for one in patterns)
        ]
        if found and new not in names and (repository / new).exists():
            lines.append(f"{new} is new beside {', '.join(found)}: keep one of them")
    return lines


def hidden(repository: Path, pure: Path, commands: Commands) -> None:
    """Refuse to overwrite a file that git ignores."""
    tracked = commands.need(["git", "ls-files", "-z"], repository).split("\0")
    written = [path.relative_to(pure) for path in pure.rglob("*") if path.is_file()]
    if found := [
        name.as_posix()
        for name in sorted(written)
        if (repository / name).exists() and name.as_posix() not in tracked
    ]:
        raise RefusalError(f"git ignores {', '.join(found)}: move it away first")


def commit(repository: Path, pure: Path, commands: Commands) -> None:
    """Commit the rendered files as a separate history; the work tree is not touched."""
    git_folder = commands.need(["git", "rev-parse", "--absolute-git-dir"], repository)
    with TemporaryDirectory() as folder:
        place = {
            "GIT_DIR": git_folder,
            "GIT_WORK_TREE": str(pure),
            "GIT_INDEX_FILE": str(Path(folder) / "index"),
        }
        environment = isolated(repository) | place
        steps = [
            ["git", "add", "--all", "--force"],
            ["git", "write-tree"],
            ["git", "commit-tree", "-m", "The template, as it is rendered"],
            ["git", "branch", PURE],
        ]
        output = ""
        for step in steps:
            done = commands.run([*step, *output.split()], pure, environment)
            if done.code:
                raise RefusalError(done.last)
            output = done.output
