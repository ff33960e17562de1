"""Commits the rendered template to its own branch, and merges it once."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import copier
from copier.errors import CopierError
from plumbum import local

from extensions.commands import Commands, isolated
from extensions.refusals import RefusalError, refusal_of
from extensions.rendering import ANSWERS_FILE, Answers

PURE, ADOPTED = "template", "adopt-template"


@dataclass(frozen=True)
class Template:
    """The address of the template, and a release if it is not the newest."""

    source: str
    release: str = ""


def check(repository: Path, commands: Commands) -> None:
    """Refuse a repository in which a merge could not be undone. Raises RefusalError."""
    top = commands.run(["git", "rev-parse", "--show-toplevel"], repository)
    if top.code or Path(top.output.strip()).resolve() != repository.resolve():
        raise RefusalError(f"{repository} is not the top of a git repository")
    if commands.run(["git", "rev-parse", "--verify", "HEAD"], repository).code:
        raise RefusalError(f"{repository} has no commit yet: commit first")
    if commands.need(["git", "status", "--porcelain"], repository):
        raise RefusalError("commit or stash your changes first")
    if (repository / ANSWERS_FILE).exists():
        raise RefusalError(f"it has a {ANSWERS_FILE}: it is adopted; see `make update`")
    for branch in (PURE, ADOPTED):
        known = ["git", "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"]
        if not commands.run(known, repository).code:
            raise RefusalError(f"it has a branch {branch}: rename or delete it first")


def graft(
    repository: Path, template: Template, answers: Answers, commands: Commands
) -> list[str]:
    """Merge the template into a new branch. Returns the files in conflict."""
    with TemporaryDirectory() as folder:
        pure = render(Path(folder) / "pure", template, answers)
        hidden(repository, pure, commands)
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


def render(destination: Path, template: Template, answers: Answers) -> Path:
    """Render the newest release, or that one. Raises RefusalError."""
    try:
        # The environment in which Copier runs git.
        with local.env():
            local.env.clear()
            local.env.update(isolated(destination.parent))
            copier.run_copy(
                template.source,
                destination,
                dict(answers),
                vcs_ref=template.release or None,
                settings=copier.Settings(),
                defaults=True,
                quiet=True,
            )
    except (CopierError, TypeError, ValueError) as error:
        raise RefusalError(refusal_of(error)) from error
    return destination


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
