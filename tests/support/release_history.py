"""The template with all its releases, and projects that follow them."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import copier

from extensions.questions import ROOT, questions
from extensions.release import releases, tree_of
from extensions.rendering import Answers, render
from tests.support.commands import commit, succeed
from tests.support.edits import edits_of, write
from tests.support.shared_cache import SharedCache, key, overlay
from tests.support.synthetic_release import history_with
from upkeep.allowed_drift import OLD
from upkeep.leftovers import FILES

# The next release: the working tree.
NEXT = "v9999.0.0"
MARKS = (b"<<<<<<< before updating", b">>>>>>> after updating")

Tree = dict[str, tuple[bool, bytes]]


@dataclass(frozen=True)
class ReleaseHistory:
    """A template with its releases, and the projects rendered from them."""

    shared_cache: SharedCache
    template: Path

    def rendered(self, release: str, answers: Answers) -> Path:
        """Return a read-only project, rendered once for each set of answers."""
        return self.shared_cache.once(
            f"releases/{release}-{key(answers)}",
            lambda place: self.render(place, release, answers),
        )

    def render(self, place: Path, release: str, answers: Answers) -> Path:
        """Render a project into a folder."""
        return render(place, answers, source=self.template, ref=release)

    def project(self, place: Path, release: str, answers: Answers) -> Path:
        """Copy a read-only project into a folder."""
        return Path(shutil.copytree(self.rendered(release, answers), place))

    def known(self, release: str, answers: Answers) -> Answers:
        """Return the answers whose questions a release has."""
        asked = self.shared_cache.once(
            f"asked/{release}", lambda place: tree_of(self.template, release, place)
        )
        return {name: answers[name] for name in questions(asked) if name in answers}

    def equivalence(self, place: Path, release: str, answers: Answers) -> list[str]:
        """List the differences between copy and update, and a fresh copy."""
        known = self.known(release, answers)
        project = adopt(self.project(place, release, known))
        return violations(tidy(update(project)), self.rendered(NEXT, known))

    def commutation(
        self,
        place: Path,
        release: str,
        answers: Answers,
        flip: Answers | None = None,
        without: Iterable[str] = (),
    ) -> list[str]:
        """List the differences between edits before an update and edits after it."""
        known = self.known(release, answers)
        edits = edits_of(self.rendered(release, known), without)
        after = {**known, **(flip or {})}
        fresh = self.project(place.with_suffix(".fresh"), NEXT, after)
        # Edits of a file are removed with it when its answer changes.
        staying = [edit for edit in edits if not flip or (fresh / edit.file).exists()]
        write(fresh, staying, known)
        project = write(self.project(place, release, known), edits, known)
        return violations(tidy(update(adopt(project), flip)), fresh)


def history(destination: Path) -> None:
    """Create a repository of all releases with the working tree on top, all tagged."""
    succeed(["git", "clone", "--quiet", ROOT, destination], ROOT)
    for version, released in releases(destination).items():
        succeed(["git", "tag", "--force", f"v{version}", released], destination)
    overlay(destination)
    succeed(["git", "tag", NEXT], destination)
    history_with(destination, NEXT)
    # Copier clones it five times in an update; one pack is faster than many files.
    succeed(["git", "repack", "-adq"], destination)


def adopt(project: Path) -> Path:
    """Commit a project in a new repository."""
    succeed(["git", "init", "--quiet"], project)
    commit(project, "Start")
    return project


def update(project: Path, answers: Answers | None = None, to: str = NEXT) -> Path:
    """Update a project with plain Copier, quietly."""
    copier.run_update(
        project,
        dict(answers or {}),
        vcs_ref=to,
        defaults=True,
        overwrite=True,
        skip_answered=True,
        quiet=True,
    )
    return project


def tidy(project: Path) -> Path:
    """Remove the files that the update tools remove after `copier update`."""
    for name in (*FILES, OLD):
        (project / name).unlink(missing_ok=True)
    return project


def tree(project: Path) -> Tree:
    """Read a project: the bytes of each file, and whether it is executable."""
    return {
        path.relative_to(project).as_posix(): (
            os.access(path, os.X_OK),
            path.read_bytes(),
        )
        for path in sorted(project.rglob("*"))
        if path.is_file()
        and path.relative_to(project).parts[0] != ".git"
        and path.parent.name != "__pycache__"
    }


def violations(updated: Path, fresh: Path) -> list[str]:
    """List the differences between an updated project and a fresh one."""
    is_, should = tree(updated), tree(fresh)
    return [
        *[f"missing: {name}" for name in should if name not in is_],
        *[f"left over: {name}" for name in is_ if name not in should],
        *[
            f"differs: {name}"
            for name in should
            if is_.get(name, should[name]) != should[name]
        ],
        *[
            # A page about conflicts shows what they look like.
            f"marks of a conflict: {name}"
            for name, (mode, text) in is_.items()
            if should.get(name) != (mode, text) and any(it in text for it in MARKS)
        ],
    ]
