"""A template with two releases, and a project of the first one."""

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
NEW = "\n\n# The next release has one more line.\n"
# Files that the second release extends, changes and deletes.
LONGER = "app/core/ids.py"
REWORDED = "app/core/drain.py"
GONE = "app/core/context.py"
DEPLOY = "- Tell the operators."
# Arguments of an update that merges only.
MERGE = ("update", "--no-gates")
# A small template, because the time of an update is proportional to its files.
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
    """Create a small template with a first and a second release."""
    succeed(["git", "clone", "--quiet", source, place], source)
    template = place / "template"
    for file in (path for path in template.rglob("*") if path.is_file()):
        if not file.relative_to(template).as_posix().startswith(KEPT):
            file.unlink()
    commit(place, "The first release")
    release_twice(place, news)


def news(place: Path) -> None:
    """Write the changes of the second release."""
    template = place / "template"
    longer(place)
    substitute(template / REWORDED, r'\A"""', '"""The next release: ')
    (template / GONE).unlink()
    variables = template / ".env.example.jinja"
    substitute(variables, "(?<=SHUTDOWN_GRACE_SECONDS=)10", r"12\n# NEWS=1")
    notes = f"## 0.0.2\n\n### Before you deploy\n\n{DEPLOY}\n\n"
    substitute(place / "CHANGELOG.md", r"(?m)^(?=## )", notes)


def longer(place: Path) -> None:
    """Append a line to one file."""
    append(place / "template" / LONGER, NEW)


def release_twice(place: Path, change: Callable[[Path], None] = longer) -> None:
    """Tag a template as the first release, change it, and tag the second."""
    succeed(["git", "tag", FIRST], place)
    change(place)
    commit(place, "The second release")
    succeed(["git", "tag", SECOND], place)


def whole_template(shared_cache: SharedCache, source: Path) -> Path:
    """Return the whole template with two releases, to be read only."""

    def make(place: Path) -> None:
        succeed(["git", "clone", "--quiet", source, place], source)
        release_twice(place)

    return shared_cache.once("whole-template", make)


def substitute(file: Path, pattern: str, words: str) -> None:
    """Replace the first match of a pattern in a file."""
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(pattern, words, text, count=1), encoding="utf-8")


def service(shared_cache: SharedCache, source: Path, place: Path) -> Path:
    """Create a committed project of the first release."""
    template = shared_cache.once(
        "two-releases", lambda there: two_releases(there, source)
    )
    first = shared_cache.once(
        "first-release",
        lambda there: adopt(render(there, source=template, ref=FIRST)),
    )
    return Path(shutil.copytree(first, place))


def upkeep(project: Path, *arguments: str, **variables: str) -> Completed:
    """Run upkeep.py, as `make update` and `make drift` do, with this Copier."""
    return run([sys.executable, "upkeep.py", *arguments], project, variables)
