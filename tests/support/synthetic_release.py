"""A synthetic release that changes every file, and adds and removes some."""

from pathlib import Path

import yaml

from tests.support.commands import commit, succeed

PREDECESSOR = "v9998.0.0"
# Plain files that no other file names.
RENAMED = ("app/core/ids.py", "app/core/identifiers.py")
ADDED_LATER = "app/core/log_output.py"
DROPPED_LATER = "app/core/dropped.py"
RUN_ONCE = "app/core/context.py"

OWN = "-- Your own"
COMMENTS = {".md": "<!-- {} -->", ".mako": "## {}", ".txt": "{}"}
WORDS = "The synthetic release has this line."


def history_with(repository: Path, following: str) -> None:
    """Insert the synthetic release before another release."""
    succeed(["git", "checkout", "--quiet", following], repository)
    succeed(["git", "checkout", "--quiet", "-b", "predecessor"], repository)
    change(repository)
    commit(repository, "The predecessor")
    succeed(["git", "tag", PREDECESSOR], repository)
    succeed(["git", "checkout", "--quiet", following], repository)


def change(repository: Path) -> None:
    """Write the files of the synthetic release."""
    template, given_once = repository / "template", seeded(repository)
    for folder in (template, repository / "alternatives"):
        for place in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = place.relative_to(folder).as_posix().removesuffix(".jinja")
            if f"/{name}" not in given_once and "{{" not in name:
                text = place.read_text(encoding="utf-8")
                place.write_text(otherwise(name, text), encoding="utf-8")
    (template / RENAMED[0]).rename(template / RENAMED[1])
    (template / ADDED_LATER).unlink()
    (template / DROPPED_LATER).write_text('"""Gone by now."""\n', encoding="utf-8")
    (template / RUN_ONCE).chmod(0o755)


def seeded(repository: Path) -> list[str]:
    """Return the seeded files, which updates do not change."""
    settings, *_ = (repository / "copier.yml").read_text("utf-8").split("---\n")
    return list(yaml.safe_load(settings)["_skip_if_exists"])


def otherwise(name: str, text: str) -> str:
    """Insert a line in the middle, and a line above each marker."""
    suffix = Path(name).suffix
    if suffix == ".json":
        return text.replace('": "', '": "otherwise ', 1)
    line = COMMENTS.get(suffix, "# {}").format(WORDS)
    lines = text.splitlines()
    own = [number for number, words in enumerate(lines) if OWN in words]
    breaks = [number for number, words in enumerate(lines, 1) if not words]
    far = [number for number in breaks if all(abs(number - it) > 3 for it in own)]
    for number in sorted([*own, far[len(far) // 2] if far else 0], reverse=True):
        lines.insert(number, line)
    return "\n".join(lines) + "\n"
