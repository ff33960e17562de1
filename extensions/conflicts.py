"""Finds what an update by Copier left to be settled: its exit code does not say."""

from pathlib import Path

from extensions.commands import Commands

MARKS = r"^(<<<<<<< before|>>>>>>> after) updating"


def conflicts(project: Path, commands: Commands) -> list[str]:
    """Name the files of a folder that hold both sides, or what could not be placed."""
    asked = [
        ["ls-files", "--others", "--exclude-standard", "-z", "--", "*.rej"],
        ["diff", "--name-only", "--relative", "--diff-filter=U", "-z"],
        ["grep", "--untracked", "-z", "--files-with-matches", "-E", MARKS, "--", "."],
    ]
    return sorted({name for git in asked for name in names(project, commands, git)})


def lost(project: Path, pristine: Path, commands: Commands) -> list[str]:
    """Name the files that people had edited, and that the update removed."""
    gone = ["diff", "--name-only", "--no-renames", "--relative", "--diff-filter=D"]
    return [
        name
        for name in names(project, commands, [*gone, "-z", "HEAD"])
        if edited(name, project, pristine, commands)
    ]


def edited(name: str, project: Path, pristine: Path, commands: Commands) -> bool:
    """Say whether a committed file is not what the template had written."""
    if not (pristine / name).is_file():
        return True
    # Compared as git stores them: a name that it gives to the same bytes is the same.
    written = commands.need(["git", "hash-object", pristine / name], project)
    return written != commands.need(["git", "rev-parse", f"HEAD:./{name}"], project)


def names(project: Path, commands: Commands, arguments: list[str]) -> list[str]:
    """Give the paths that git lists; `git grep` ends with 1 when it finds none."""
    expected = (0, 1) if arguments[0] == "grep" else (0,)
    listed = commands.need(["git", *arguments], project, expected)
    return [name for name in listed.split("\0") if name]
