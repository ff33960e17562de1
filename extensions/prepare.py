"""`make release`: checks the rules, writes the version, and counts the changes."""

import re
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from extensions.compare import difference
from extensions.questions import ROOT
from extensions.release import git, releases
from extensions.rendering import presets
from extensions.rules import SECTIONS, broken

USAGE_ERROR = 2
UNRELEASED = re.compile(r"(?ms)^## Unreleased\n(.*?)(?=^## |\Z)")
VERSION = re.compile(r'(?m)^version = ".*"$')
NEXT_STEPS = """\
Read `make diff FROM=v{last}`, run `make check && make nightly`, then:

    git commit --all --message "Release {version}"
    git push

The tag v{version} is made where main is.
"""


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as comparable numbers."""
    return tuple(int(part) for part in version.split("."))


def objections(root: Path, version: str, last: str) -> list[str]:
    """Return the reasons against the release."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return ["say which: make release VERSION=<as in 1.2.3>"]
    if numbers(version) <= numbers(last):
        return [f"{version} does not follow {last}: choose a higher one"]
    if git(root, "status", "--porcelain"):
        return ["there are changes: commit or stash them first"]
    if not UNRELEASED.search((root / "CHANGELOG.md").read_text(encoding="utf-8")):
        sections = ", ".join(SECTIONS)
        return [f"CHANGELOG.md has no notes: write '## Unreleased' with {sections}"]
    return broken(root, releases(root)[last])


def write(root: Path, version: str, day: date) -> None:
    """Write the version and the heading of the changelog."""
    settings, changelog = root / "pyproject.toml", root / "CHANGELOG.md"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(VERSION.sub(f'version = "{version}"', text, 1), "utf-8")
    text = changelog.read_text(encoding="utf-8")
    heading = f"## {version} ({day.isoformat()})\n"
    changelog.write_text(text.replace("## Unreleased\n", heading, 1), "utf-8")


def summary(since: str) -> str:
    """Count the changed lines of each preset's project."""
    rows = []
    for preset, answers in presets().items():
        with TemporaryDirectory() as folder:
            text = re.sub(
                r"\x1b\[[\d;]*m", "", difference(Path(folder), since, answers)
            )
        files = len(re.findall(r"(?m)^diff --git ", text))
        added = len(re.findall(r"(?m)^\+(?!\+\+ )", text))
        gone = len(re.findall(r"(?m)^-(?!-- )", text))
        rows.append(f"  {preset}: {files} files, {added} lines more, {gone} less\n")
    return "".join(rows)


def main(version: str) -> int:
    """Prepare the release, or print the reasons against it. Commits nothing."""
    *_, last = releases(ROOT)
    if found := objections(ROOT, version, last):
        for line in found:
            print(f"make release: {line}", file=sys.stderr)
        return USAGE_ERROR
    write(ROOT, version, date.today())
    print(f"What a project of {last} gets:\n\n{summary(releases(ROOT)[last])}")
    print(NEXT_STEPS.format(last=last, version=version), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
