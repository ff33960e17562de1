"""Violations of each rule of the standard in a rendered project."""

from pathlib import Path
from typing import Any

import yaml

from tests.support.commands import append, succeed

VIOLATIONS: dict[str, dict[str, Any]] = {
    name: words
    for path in sorted(
        (Path(__file__).parents[1] / "data" / "violations").glob("*.yml")
    )
    for name, words in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}


def rule_of(name: str) -> str:
    """Return the rule of a violation; `TYPE-03 pyright` belongs to TYPE-03."""
    return name.partition(" ")[0]


def violate(project: Path, rule: str) -> None:
    """Change the project so that it violates the rule."""
    words = VIOLATIONS[rule]
    file = project / words["file"]
    if "replace" in words:
        old, new = words["replace"]
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{rule}: {old!r} is there {text.count(old)} times"
        file.write_text(text.replace(old, new), encoding="utf-8")
    if "append" in words:
        # Text in parts: this repository must not contain the whole.
        append(file, "".join(words["append"]))
    if "create" in words:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(words["create"] * words.get("copies", 1), encoding="utf-8")
    if "rename" in words:
        file.rename(project / words["rename"])
    if "delete" in words:
        succeed(["rm", "-r", file], project)
    if "lock" in words:
        succeed(["uv", "lock"], project)


def mend(project: Path) -> None:
    """Restore the committed files."""
    succeed(["git", "reset", "--quiet", "--hard"], project)
    succeed(["git", "clean", "--quiet", "--force", "-d"], project)
