"""Breaks one rule of the standard in a rendered project, as a developer might."""

from pathlib import Path
from typing import Any

import yaml

from tests.support.commands import append, succeed

VIOLATIONS: dict[str, dict[str, Any]] = {
    name: words
    for path in sorted(Path(__file__).parent.glob("*.yml"))
    for name, words in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}


def rule_of(name: str) -> str:
    """Give the rule that a violation breaks; `TYPE-03 pyright` is one of TYPE-03."""
    return name.partition(" ")[0]


def violate(project: Path, rule: str) -> None:
    """Change the project so that this rule is broken."""
    words = VIOLATIONS[rule]
    file = project / words["file"]
    if "replace" in words:
        old, new = words["replace"]
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{rule}: {old!r} is there {text.count(old)} times"
        file.write_text(text.replace(old, new), encoding="utf-8")
    if "append" in words:
        # A text in parts is one that no file may hold.
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
    """Bring back what was committed."""
    succeed(["git", "reset", "--quiet", "--hard"], project)
    succeed(["git", "clean", "--quiet", "--force", "-d"], project)
