"""Repositories with different problems, and a run of the fleet over them."""

import json
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import yaml

from extensions.fleet.__main__ import main
from extensions.questions import ROOT
from extensions.rendering import ANSWERS_FILE, answers_of, render
from tests.support.commands import Completed, append, commit, run, succeed
from tests.support.matrix import NOTHING
from tests.support.release_history import NEXT, adopt

OLD = "v0.2.0"
# Fakes of the gates and of the report of rules: a second instead of a minute.
GATE = "test ! -e broken"
RULES = "cat rules.json"
MINE = "# Ours.\n"
ANCHOR = "# -- Your own targets below this line, or in Makefile.local. --\n"
GENERATED, ADDED = "app/core/context.py", "app/db/factory.py"
LIST = """\
clean
behind
edited   # Written below the anchors only.
conflicting
dirty
red
nothing
unreachable
trunk
monorepo folder=services/shop
lost
unknown
drifted
"""


QUESTION = """\
_subdirectory: template
project_name: {type: str, default: Shop}
project_slug: {type: str, default: shop}
python_version: {type: str, default: "3.13"}
"""
RECORD = "{{ _copier_conf.answers_file }}.jinja"
# Paths that the template has, too, with few words in them.
SMALL = {
    "Makefile": f"update:\n\tuv lock\n\n{ANCHOR}",
    GENERATED: "NAME = 1\n",
    RECORD: (ROOT / "template" / RECORD).read_text(encoding="utf-8"),
    "standards/report.py": "",
}


def small(place: Path) -> None:
    """Create a template of a few files with two releases, which renders fast."""
    succeed(["git", "init", "--quiet", place], place.parent)
    (place / "copier.yml").write_text(QUESTION, encoding="utf-8")
    for name, text in SMALL.items():
        file = place / "template" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    commit(place)
    succeed(["git", "tag", OLD], place)
    makefile = SMALL["Makefile"].replace("uv lock", "$(MAKE) lock")
    (place / "template/Makefile").write_text(makefile, encoding="utf-8")
    added = place / "template" / ADDED
    added.parent.mkdir()
    added.touch()
    commit(place)
    succeed(["git", "tag", NEXT], place)


class Repositories:
    """A template with its releases, and the repositories of a fleet."""

    def __init__(self, template: Path, place: Path) -> None:
        """Render one old and one new project; all repositories are copies of them."""
        self.place = place
        place.mkdir()
        old, new = place / "old", place / "new"
        render(old, source=template, ref=OLD)
        known = {key: one for key, one in NOTHING.items() if key in answers_of(old)}
        shutil.rmtree(old)
        self.old = render(old, known, source=template, ref=OLD)
        self.new = render(new, NOTHING, source=template, ref=NEXT)

    def build(self, name: str, model: Path, folder: str = "") -> Path:
        """Create a repository with a committed project, and return the project."""
        root = self.place / name
        shutil.copytree(model, root / folder)
        adopt(root)
        return root / folder

    def build_all(self) -> None:
        """Create all repositories, and the list of them."""
        self.build("clean", self.new)
        self.build("behind", self.old)
        self._edited()
        self.build("dirty", self.new)
        append(self.place / "dirty" / "Makefile", MINE)
        red = self.build("red", self.new)
        (red / "broken").touch()
        rules = [
            {"rule": "DOC-01", "state": "broken"},
            {"rule": "A-1", "state": "holds"},
        ]
        (red / "rules.json").write_text(json.dumps({"rules": rules}), encoding="utf-8")
        commit(red)
        (self.place / "nothing").mkdir()
        (self.place / "nothing" / "README.md").touch()
        adopt(self.place / "nothing")
        self._trunk()
        self.build("monorepo", self.old, "services/shop")
        self._without_origin()
        drifted = self.build("drifted", self.new)
        append(drifted / GENERATED, MINE)
        commit(drifted)
        (self.place / "list.txt").write_text(LIST, encoding="utf-8")

    def _edited(self) -> None:
        """Create two edited projects: one merges, one conflicts with the release."""
        edited = self.build("edited", self.old)
        append(edited / "Makefile", f"\nours:\n\t@echo ours {MINE}")
        (edited / "app" / "ours.py").write_text('"""Ours."""\n', encoding="utf-8")
        commit(edited)
        conflicting = self.build("conflicting", self.old)
        makefile = conflicting / "Makefile"
        text = makefile.read_text(encoding="utf-8")
        assert "\tuv lock\n" in text
        ours = text.replace("\tuv lock\n", "\tuv lock --upgrade\n")
        makefile.write_text(ours, encoding="utf-8")
        commit(conflicting)

    def _trunk(self) -> None:
        """Create a project whose default branch is trunk, beside an outdated main."""
        trunk = self.build("trunk", self.old)
        succeed(["git", "switch", "--quiet", "--create", "trunk"], trunk)
        shutil.copytree(self.new, trunk, dirs_exist_ok=True)
        commit(trunk)

    def _without_origin(self) -> None:
        """Create a project without an answers file, and one of an unknown release."""
        lost = self.build("lost", self.new)
        (lost / ANSWERS_FILE).unlink()
        commit(lost)
        unknown = self.build("unknown", self.old)
        recorded = answers_of(unknown) | {"_commit": "v0.0.9"}
        text = yaml.safe_dump(recorded)
        (unknown / ANSWERS_FILE).write_text(text, encoding="utf-8")
        commit(unknown)


def visit_all(place: Path, *options: str) -> int:
    """Run the fleet over the repositories; keep its output, return its exit code."""
    arguments = [
        str(place / "list.txt"),
        f"--work={place / 'work'}",
        f"--gates={GATE}",
        f"--rules={RULES}",
        f"--json={place / 'report.json'}",
        f"--html={place / 'report.html'}",
        "--jobs=2",
        *options,
    ]
    with (place / "printed.txt").open("w", encoding="utf-8") as printed:
        with redirect_stdout(printed):
            return main(arguments)


class Fleet:
    """A few repositories, their list, and runs over them in processes of their own."""

    def __init__(self, template: Path, place: Path) -> None:
        """Render the projects; the list is empty."""
        self.repositories = Repositories(template, place)
        self.place, self.work = place, place / "work"
        self.page = place / "report.html"

    def add(self, *names: str, new: bool = False) -> None:
        """Add projects of the old or of the new release to the list."""
        model = self.repositories.new if new else self.repositories.old
        for name in names:
            self.repositories.build(name, model)
        with (self.place / "list.txt").open("a", encoding="utf-8") as listed:
            listed.writelines(f"{name}\n" for name in names)

    def command(self, *options: str) -> list[str]:
        """Return the command of a run."""
        arguments = [str(self.place / "list.txt"), f"--work={self.work}"]
        files = [f"--json={self.place / 'report.json'}", f"--html={self.page}"]
        return [sys.executable, "-m", "extensions.fleet", *arguments, *files, *options]

    def run(self, *options: str, **environment: str) -> Completed:
        """Run the fleet; the gates pass if the options name no others."""
        return run(self.command("--gates=true", *options), ROOT, environment)

    def results(self) -> dict[str, dict[str, Any]]:
        """Return the results in the report, by the names in the list."""
        return report(self.place)

    def clone(self, name: str) -> Path:
        """Return the clone of a project."""
        [found] = self.work.glob(f"{name}-*/clone")
        return found


def report(place: Path) -> dict[str, dict[str, Any]]:
    """Return the report of each repository, by its name without the digest."""
    whole = json.loads((place / "report.json").read_text(encoding="utf-8"))
    return {one["name"].rpartition("-")[0]: one for one in whole["repositories"]}
