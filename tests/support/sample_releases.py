"""A template of two releases, and a project of the first that can follow."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from extensions.rendering import render
from tests.support.commands import Completed, append, commit, run, succeed
from tests.support.release_history import adopt
from tests.support.shared_cache import SharedCache

FIRST, SECOND = "v0.0.1", "v0.0.2"
MINE = "# Written by the people of the project.\n"
NEW = "\n\n# The next release says more.\n"
# What the second release does: it writes more, writes otherwise, and takes away.
LONGER = "app/core/ids.py"
REWORDED = "app/core/drain.py"
GONE = "app/core/context.py"
DEPLOY = "- Tell the operators."
# What runs only the merge.
MERGE = ("update", "--no-gates")
# Rendering costs by the file: a small template is updated in a fourth of the time.
KEPT = (
    *(
        "{{",
        ".env",
        ".git",
        "CHANGELOG",
        "Makefile",
        "pyproject",
        "upkeep.py",
        "docs/backup",
    ),
    *(
        "docs/security",
        "app/main",
        "app/core/config",
        "app/models/__init__",
        LONGER,
        REWORDED,
        GONE,
    ),
)


def two_releases(place: Path, source: Path) -> None:
    """Make a template with a first release, and a second one on top of it."""
    succeed(["git", "clone", "--quiet", source, place], source)
    template = place / "template"
    for file in (path for path in template.rglob("*") if path.is_file()):
        if not file.relative_to(template).as_posix().startswith(KEPT):
            file.unlink()
    commit(place, "The first release")
    release_twice(place, news)


def news(place: Path) -> None:
    """Write what the second release brings."""
    template = place / "template"
    longer(place)
    substitute(template / REWORDED, r'\A"""', '"""The next release: ')
    (template / GONE).unlink()
    variables = template / ".env.example.jinja"
    substitute(variables, "(?<=SHUTDOWN_GRACE_SECONDS=)10", r"12\n# NEWS=1")
    notes = f"## 0.0.2\n\n### Before you deploy\n\n{DEPLOY}\n\n"
    substitute(place / "CHANGELOG.md", r"(?m)^(?=## )", notes)


def longer(place: Path) -> None:
    """Write more in one file."""
    append(place / "template" / LONGER, NEW)


def release_twice(place: Path, change: Callable[[Path], None] = longer) -> None:
    """Release a template as it is, and once more after a change."""
    succeed(["git", "tag", FIRST], place)
    change(place)
    commit(place, "The second release")
    succeed(["git", "tag", SECOND], place)


def whole_template(shared_cache: SharedCache, source: Path) -> Path:
    """Give the template with two releases, nothing cut down, to be read only."""

    def make(place: Path) -> None:
        succeed(["git", "clone", "--quiet", source, place], source)
        release_twice(place)

    return shared_cache.once("whole-template", make)


def substitute(file: Path, pattern: str, words: str) -> None:
    """Write the first place of a file otherwise."""
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(pattern, words, text, count=1), encoding="utf-8")


def service(shared_cache: SharedCache, source: Path, place: Path) -> Path:
    """Give a project of the first release, in a repository of its own."""
    template = shared_cache.once(
        "two-releases", lambda there: two_releases(there, source)
    )
    first = shared_cache.once(
        "first-release",
        lambda there: adopt(render(there, source=template, ref=FIRST)),
    )
    return Path(shutil.copytree(first, place))


def upkeep(project: Path, *arguments: str, **variables: str) -> Completed:
    """Run what `make update` and `make drift` run, with this environment's Copier."""
    return run([sys.executable, "upkeep.py", *arguments], project, variables)
