"""One edit: a file of a project, and what somebody does to its text."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Change = Callable[[str], str]

IMPORTS = "# -- Your own imports below this line. -- # isort: split"


class VanishedError(AssertionError):
    """The place in which people were told to write is not there."""


@dataclass(frozen=True)
class Edit:
    """What somebody does to a file; nothing is left of the text of a deleted one."""

    file: str
    change: Change
    # How it was done before the template had a place for it.
    older: Change | None = None

    def apply(self, project: Path) -> None:
        """Do it."""
        place = project / self.file
        if text := self.written(project):
            place.write_text(text, encoding="utf-8")
        else:
            place.unlink()

    def written(self, project: Path) -> str:
        """Give the text that the file then has. Raises VanishedError."""
        place = project / self.file
        try:
            return self.change(place.read_text(encoding="utf-8"))
        except (FileNotFoundError, VanishedError) as error:
            raise VanishedError(f"extension point vanished: {self.file}") from error

    def fitting(self, start: Path) -> "Edit":
        """Give it as people could do it in that project."""
        if self.older is None:
            return self
        try:
            self.written(start)
        except VanishedError:
            return Edit(self.file, self.older)
        return self


def instead(old: str, new: str) -> Change:
    """Write something else in the place of a text that stands there once."""

    def change(text: str) -> str:
        if text.count(old) != 1:
            raise VanishedError(old)
        return text.replace(old, new)

    return change


def below(anchor: str, added: str) -> Change:
    """Write below a line that says so."""
    return instead(f"{anchor}\n", f"{anchor}\n{added}")


def at_end(added: str) -> Change:
    """Write at the end of the file."""
    return lambda text: text + added


def deleted(_: str) -> str:
    """Leave nothing."""
    return ""


def importing(file: str, *wanted: str) -> Edit:
    """Import something: below the line for it, or sorted in where there was none."""

    def sort(text: str) -> str:
        package = wanted[0].partition(".")[0]
        lines = text.splitlines()
        before = [
            number
            for number, line in enumerate(lines, 1)
            if line.startswith(package) and line < wanted[0]
        ]
        lines[before[-1] : before[-1]] = wanted
        return "\n".join(lines) + "\n"

    added = "".join(f"{line}\n" for line in wanted)
    return Edit(file, below(IMPORTS, added), older=sort)
