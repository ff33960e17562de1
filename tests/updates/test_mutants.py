"""Each fault of a template is reported by a test of updates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from extensions.rendering import Answers
from extensions.rules import broken
from tests.support.commands import succeed
from tests.support.edits.edit import VanishedError
from tests.support.matrix import NOTHING
from tests.support.release_history import NEXT, ReleaseHistory
from tests.support.shared_cache import SharedCache
from tests.support.synthetic_release import PREDECESSOR
from tests.support.template_faults import (
    Fault,
    dropping,
    instead,
    mode,
    more,
    moving,
    nothing,
)

Property = Callable[[ReleaseHistory, Path, Answers], list[str]]


def equivalence(
    release_history: ReleaseHistory, place: Path, answers: Answers
) -> list[str]:
    """Compare an update with a fresh copy."""
    return release_history.equivalence(place, PREDECESSOR, answers)


def commutation(
    release_history: ReleaseHistory, place: Path, answers: Answers
) -> list[str]:
    """Compare edits before an update with edits after it."""
    return release_history.commutation(place, PREDECESSOR, answers)


def rules(
    release_history: ReleaseHistory, _place: Path, _answers: Answers
) -> list[str]:
    """Check the template against its last release."""
    return broken(release_history.template, PREDECESSOR)


@dataclass(frozen=True)
class Mutant:
    """A fault, the property that finds it, and the expected report."""

    fault: Fault
    found_by: Property
    report: str
    # The change that leads to the release before it.
    before: Fault = nothing
    answers: Answers = field(default_factory=dict)


MUTANTS = {
    "an anchor that reads otherwise": Mutant(
        instead("template/.gitignore.jinja", "-- Your own", "-- Your"),
        commutation,
        "extension point vanished: .gitignore",
    ),
    "a random value": Mutant(
        more("template/app/core/about.py.jinja", "# {{ range(99999) | random }}\n"),
        equivalence,
        "differs: app/core/about.py",
    ),
    "a template that writes where people write": Mutant(
        more("template/.gitignore.jinja", "/out/\n"),
        commutation,
        "marks of a conflict: .gitignore",
    ),
    "a renamed file that people wrote into": Mutant(
        moving("template/app/core/config.py.jinja", "template/app/core/set.py.jinja"),
        commutation,
        "extension point vanished: app/core/config.py",
    ),
    "a dropped file that was given once": Mutant(
        dropping("template/CHANGELOG.md"),
        commutation,
        "extension point vanished: CHANGELOG.md",
    ),
    "a removed choice": Mutant(
        instead("questions/standard.yml", "    - stdlib\n", ""),
        equivalence,
        "Invalid choice for 'logging'",
        answers={"logging": "stdlib"},
    ),
    "a file that is newly excluded": Mutant(
        instead("copier.yml", "_skip_if", "_exclude: [/LICENSE]\n_skip_if"),
        equivalence,
        "left over: LICENSE",
    ),
    "a file that leaves a folder named tags": Mutant(
        nothing,
        equivalence,
        "left over: app/tags/old.py",
        before=more("template/app/tags/old.py", '"""Old."""\n'),
    ),
    "a question without a default": Mutant(
        more("questions/standard.yml", "\ncolour:\n  type: str\n"),
        equivalence,
        'Question "colour" is required',
    ),
    "an edited migration": Mutant(
        instead("template/alembic/versions/0001_items.py", "120", "100"),
        rules,
        "alembic/versions/0001_items.py: a shipped migration was changed",
    ),
    "a file that can not be run any more": Mutant(
        nothing,
        rules,
        "lock.py: could be run, and can not any more",
        before=mode("template/lock.py", 0o755),
    ),
}
ON_EVERY_PUSH = [*list(MUTANTS)[:3], *list(MUTANTS)[-2:]]


def release(template: Path, plant: Fault, tag: str, origin: str) -> None:
    """Tag a release that is another release with a fault."""
    succeed(["git", "checkout", "--quiet", "--detach", origin], template)
    plant(template)
    succeed(["git", "add", "--all"], template)
    succeed(["git", "commit", "--quiet", "--allow-empty", "-m", tag], template)
    succeed(["git", "tag", "--force", tag], template)


def mutated(mutant: Mutant, template: Path, folder: Path) -> ReleaseHistory:
    """Return a history whose last release has the fault, and the one before not."""
    succeed(["git", "clone", "--quiet", template, "template"], folder)
    place = folder / "template"
    release(place, mutant.before, PREDECESSOR, NEXT)
    release(place, mutant.fault, NEXT, NEXT)
    return ReleaseHistory(SharedCache(folder / "shared_cache"), place)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ON_EVERY_PUSH else [pytest.mark.nightly])
        for name in MUTANTS
    ],
)
def test_mutant_is_reported(
    name: str, release_history: ReleaseHistory, tmp_path: Path
) -> None:
    mutant = MUTANTS[name]
    template = mutated(mutant, release_history.template, tmp_path)
    try:
        found = mutant.found_by(template, tmp_path / "x", {**NOTHING, **mutant.answers})
    except (ValueError, VanishedError) as error:
        found = [str(error)]

    assert [line for line in found if line.startswith(mutant.report)]


@pytest.mark.nightly
@pytest.mark.parametrize("check", [equivalence, commutation, rules])
def test_unchanged_template_is_not_reported(
    check: Property, release_history: ReleaseHistory, tmp_path: Path
) -> None:
    template = mutated(Mutant(nothing, check, ""), release_history.template, tmp_path)

    assert check(template, tmp_path / "x", NOTHING) == []
