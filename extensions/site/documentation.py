"""Builds the documentation: collects the pages, generates the reference, runs Zensical."""

import json
import posixpath
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

from extensions.questions import ROOT, questions
from extensions.site import reference
from extensions.site.packages import CACHE, SITE
from extensions.site.samples import Project, Samples

STAGE = CACHE / "documentation"
# Code is left alone; a link has a path and perhaps an anchor.
CODE = r"(?P<code>^ *```.*?^ *```$|`[^`\n]+`)"
LINK = re.compile(
    CODE
    + r"|(?<=\]\()(?!https?:|mailto:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))",
    re.M | re.S,
)
FRONT = ("CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md")


class Pages:
    """The pages of the site, by name: where they come from, and their links."""

    def __init__(self, url: str, commit: str, project: Project) -> None:
        """Collect the documents of the repository and of a project."""
        self.blob = f"{url}/blob/{commit}"
        self.texts: dict[str, str] = {}
        # The name on the site of each document: "template/docs/x.md" is of a project.
        self.names = {"README.md": "index.md", **{name: name for name in FRONT}}
        for path in sorted((ROOT / "docs").rglob("*.md")):
            source = path.relative_to(ROOT).as_posix()
            self.names[source] = source.removeprefix("docs/")
        for source, name in self.names.items():
            self.texts[name] = (ROOT / source).read_text(encoding="utf-8")
        for path, text in project.items():
            if path.startswith("docs/") and path.endswith(".md"):
                name = f"project/{path.removeprefix('docs/')}"
                self.names[f"template/{path}"] = name
                self.texts[name] = text
        for source, name in self.names.items():
            self.texts[name] = self.relinked(source, name)

    def relinked(self, source: str, name: str) -> str:
        """Return a page whose links lead to other pages, or to files of the repository."""

        def link(match: re.Match[str]) -> str:
            if match["code"]:
                return match["code"]
            path, anchor = match["path"], match["anchor"] or ""
            target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
            if target in self.names:
                found = posixpath.relpath(
                    self.names[target], posixpath.dirname(name) or "."
                )
                return found + anchor
            if target.startswith("docs/pictures/"):
                return posixpath.relpath(
                    target.removeprefix("docs/"), posixpath.dirname(name) or "."
                )
            return f"{self.blob}/{self.file(target, source)}{anchor}"

        return LINK.sub(link, self.texts[name])

    def file(self, target: str, source: str) -> str:
        """Return the path of a file that a page links. Raises ValueError without it."""
        for path in (target, f"{target}.jinja"):
            if (ROOT / path).exists():
                return path
        raise ValueError(f"{source} links {target}, which does not exist")

    def navigation(
        self, planned: list[dict[str, list[str]]]
    ) -> list[dict[str, list[str]]]:
        """Add the pages that are in no section yet."""
        sections = {
            title: list(pages) for entry in planned for title, pages in entry.items()
        }
        known = {page for pages in sections.values() for page in pages}
        homes = {"project": "Build", "decisions": "Decisions", "reference": "Reference"}
        for name in sorted(set(self.texts) - known):
            sections[homes.get(posixpath.dirname(name), "Extend")].append(name)
        return [
            {title: [page for page in pages if page in self.texts]}
            for title, pages in sections.items()
        ]


def build(target: Path) -> None:
    """Write the documentation beside the configurator, of the same commit."""
    shutil.rmtree(STAGE, ignore_errors=True)
    form = json.loads((target / "configure/form.json").read_text(encoding="utf-8"))
    with tarfile.open(target / "configure/template.tar.gz") as packed:
        packed.extractall(STAGE / "template", filter="data")
    samples = Samples(STAGE / "template", STAGE / "project")
    switches = [one for one in questions().values() if one.asked and one.kind == "bool"]
    everything = {one.name: True for one in switches}
    # Some pages are about one database.
    project = samples.project({**everything, "database": "sqlite"})
    project |= samples.project(everything)
    pages = Pages(form["url"], form["commit"], project)
    catalogue = yaml.safe_load(project["standards/catalogue.yml"])
    pages.texts |= {
        "reference/answers.md": reference.answers(form["fields"]),
        "reference/features.md": reference.features(
            {one: samples.addition(one) for one in switches}
        ),
        "reference/commands.md": reference.commands(
            (ROOT / "Makefile").read_text(encoding="utf-8"), project["Makefile"]
        ),
        "reference/errors.md": reference.errors(project),
        "reference/rules.md": reference.rules(catalogue),
    }
    write(pages, form["url"])
    generate()
    shutil.copytree(STAGE / "site", target, dirs_exist_ok=True)


def write(pages: Pages, url: str) -> None:
    """Write pages, pictures and configuration for the generator."""
    for name, text in pages.texts.items():
        (STAGE / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (STAGE / "docs" / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "docs/pictures", STAGE / "docs/pictures")
    settings = yaml.safe_load((SITE / "mkdocs.yml").read_text(encoding="utf-8"))
    settings |= {"repo_url": url, "nav": pages.navigation(settings["nav"])}
    (STAGE / "mkdocs.yml").write_text(
        yaml.safe_dump(settings, sort_keys=False), encoding="utf-8"
    )


def generate() -> None:
    """Run the generator, which refuses broken links. Raises CalledProcessError."""
    uv = Path(sys.executable).with_name("uv")
    pinned = f"--with-requirements={SITE / 'documentation.txt'}"
    command = (uv, "run", "--quiet", "--no-project", "--isolated", pinned)
    subprocess.run(
        (*command, "zensical", "build", "--strict"),
        cwd=STAGE,
        check=True,
        capture_output=True,
        text=True,
    )
