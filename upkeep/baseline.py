"""Renders the baseline: the project as the template made it, without any edits."""

import re
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from upkeep import git, isolation, notes
from upkeep.answers import Origin
from upkeep.errors import RefusedError
from upkeep.git import ROOT

UNKNOWN = re.compile(r"(?:Unknown revision: '|invalid reference: )([^'\s]+)")
TAG = re.compile(r"refs/tags/(v?\d+\.\d+\.\d+)$", re.MULTILINE)
SHORT = {"git+": "", "gh:": "https://github.com/", "gl:": "https://gitlab.com/"}

# The files of a project, and those of a repository that adopted the standard only.
TREES = ("template", "adopted")

Tree = dict[str, bytes]


def render(origin: Origin) -> Tree:
    """Render the project's release with its answers. Raises RefusedError."""
    check_reachable(origin.source)
    with tempfile.TemporaryDirectory(prefix="upkeep-") as folder:
        answers, place = Path(folder, "answers.yml"), Path(folder, "project")
        answers.write_text(yaml.safe_dump(origin.answers), encoding="utf-8")
        copier(
            origin.source,
            *("copy", "--defaults", "--quiet", f"--data-file={answers}"),
            *(f"--vcs-ref={origin.release}", "--", origin.source, str(place)),
        )
        return {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in sorted(place.rglob("*"))
            if path.is_file()
        }


def template_files() -> set[str]:
    """Return the paths that the release of these tools can render."""
    places = [Path(__file__).resolve().parents[1] / it for it in TREES]
    names = [
        it.relative_to(root).as_posix() for root in places for it in root.rglob("*")
    ]
    return {name.removesuffix(".jinja") for name in names}


def newest(source: str) -> str:
    """Return the newest release of a template, or nothing. Raises RefusedError."""
    check_reachable(source)
    url = address(source)
    place = url if ":" in url else str(Path(url).expanduser())
    listed = git.line("ls-remote", "--tags", "--refs", "--", place)
    tags: list[str] = TAG.findall(listed)
    return max(tags, key=lambda tag: notes.version(tag) or (), default="")


def copier(source: str, *arguments: str) -> None:
    """Run plain Copier. Raises RefusedError with the line that names the reason."""
    done = subprocess.run(  # nosec B603
        [sys.executable, "-m", "copier", *arguments],
        env=isolation.for_copier(ROOT),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RefusedError(reason(done.stderr, source))


def reason(errors: str, source: str) -> str:
    """Return the one line of Copier's errors that names the reason."""
    if unknown := UNKNOWN.search(errors):
        return (
            f"the template has no {unknown[1]}: git ls-remote --tags {address(source)}"
            " lists its releases; a shallow clone lacks some, there: git fetch"
            " --unshallow --tags"
        )
    lines = [line.strip() for line in errors.splitlines() if line.strip(" |─╭╮╰╯│")]
    found: Sequence[str] = [line for line in lines if "fatal:" in line] or lines
    return f"Copier: {found[-1].strip(' |')}" if found else "Copier failed"


def address(source: str) -> str:
    """Return the template's address as git knows it; Copier has shorter forms."""
    for short, long in SHORT.items():
        if source.startswith(short):
            path = source.removeprefix(short).strip("/")
            return long + (path.removesuffix(".git") + ".git" if long else path)
    return source


def check_reachable(source: str) -> None:
    """Refuse a local template that is missing, relative or a shallow clone."""
    if "://" in source or ":" in source.split("/", 1)[0]:
        return
    place = Path(source).expanduser()
    if not place.is_absolute():
        raise RefusedError(
            f"_src_path: {source} is relative: write the template's whole address into"
            " .copier-answers.yml and commit it"
        )
    if not place.is_dir():
        raise RefusedError(
            f"the template is not at {source}: if it has moved, write its new address"
            " into _src_path of .copier-answers.yml and commit it"
        )
    if (place / ".git/shallow").exists():
        raise RefusedError(
            f"the template at {source} is a shallow clone, its releases are missing:"
            f" git -C {source} fetch --unshallow --tags"
        )
