"""One edit of a user: a file of a project, and the change of its text."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Change = Callable[[str], str]

IMPORTS = "# -- Your own imports below this line. -- # isort: split"


class VanishedError(AssertionError):
    """The place of an edit does not exist."""


@dataclass(frozen=True)
class Edit:
    """The change of a file; an empty text deletes it."""

    file: str
    change: Change
    # The edit in releases without that place.
    older: Change | None = None

    def apply(self, project: Path) -> None:
        """Change the file, or delete it."""
        place = project / self.file
        if text := self.written(project):
            place.write_text(text, encoding="utf-8")
        else:
            place.unlink()

    def written(self, project: Path) -> str:
        """Return the changed text. Raises VanishedError."""
        place = project / self.file
        try:
            return self.change(place.read_text(encoding="utf-8"))
        except (FileNotFoundError, VanishedError) as error:
            raise VanishedError(f"extension point vanished: {self.file}") from error

    def fitting(self, start: Path) -> "Edit":
        """Return the edit, or its older form if the project lacks the place."""
        if self.older is None:
            return self
        try:
            self.written(start)
        except VanishedError:
            return Edit(self.file, self.older)
        return self


def instead(old: str, new: str) -> Change:
    """Replace a text that occurs once."""

    def change(text: str) -> str:
        if text.count(old) != 1:
            raise VanishedError(old)
        return text.replace(old, new)

    return change


def below(anchor: str, added: str) -> Change:
    """Insert lines below a marker."""
    return instead(f"{anchor}\n", f"{anchor}\n{added}")


def at_end(added: str) -> Change:
    """Append a text to the file."""
    return lambda text: text + added


def deleted(_: str) -> str:
    """Return an empty text, which deletes the file."""
    return ""


def importing(file: str, *wanted: str) -> Edit:
    """Insert an import below its marker; sorted where a release has no marker."""

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
