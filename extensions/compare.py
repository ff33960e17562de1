"""`make diff`: prints the changes of each preset's project since a release."""

import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory

from extensions.questions import ROOT
from extensions.release import git, releases
from extensions.rendering import ANSWERS_FILE, Answers, presets, render

USAGE_ERROR = 2
# Always different: the origin of a project and its checksum.
ORIGIN = re.compile(r"(?m)^(_commit|_src_path|# Checksum of the answers):.*\n")


def resolve(repository: Path, name: str) -> str | None:
    """Return the commit of a tag, another ref, or a release without a tag."""
    for candidate in (name, f"v{name}"):
        verify = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        with suppress(CalledProcessError):
            return git(repository, *verify, f"{candidate}^{{commit}}")
    with suppress(CalledProcessError):  # The folder may be no repository.
        return releases(repository).get(name.removeprefix("v"))
    return None


def difference(folder: Path, old: str, answers: Answers) -> str:
    """Render both versions in a folder, and return git's diff."""
    for side, ref in (("old", old), ("new", "HEAD")):
        recorded = render(folder / side, answers, ref=ref) / ANSWERS_FILE
        text = ORIGIN.sub("", recorded.read_text(encoding="utf-8"))
        recorded.write_text(text, encoding="utf-8")
    colour = f"--color={'always' if sys.stdout.isatty() else 'never'}"
    options = ("--no-index", "--no-prefix", "--no-ext-diff", colour)
    return subprocess.run(
        ["git", "diff", *options, "old", "new"],
        cwd=folder,
        capture_output=True,
        text=True,
    ).stdout


def main(name: str) -> int:
    """Print the differences, grouped by preset."""
    commit = resolve(ROOT, name) if name else None
    if commit is None:
        asked = f"there is no release {name!r}" if name else "say since when"
        print(f"make diff: {asked}; write FROM=<tag, as in v0.1.0>", file=sys.stderr)
        return USAGE_ERROR
    for preset, answers in presets().items():
        with TemporaryDirectory() as folder:
            try:
                text = difference(Path(folder), commit, answers)
            except ValueError as error:
                text = f"{name} does not know these answers: {error}\n"
        print(f"# {preset}\n\n{text or 'no difference'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
