"""Builds the documentation: collects pages, generates the reference, runs Zensical."""

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
from extensions.site.configure import URL
from extensions.site.packages import CACHE, SITE
from extensions.site.samples import Project, Samples

STAGE = CACHE / "documentation"
# Where the README and the guides find the configurator; the site has its own.
CONFIGURATOR = "https://example.github.io/plumbline/configure/"
FRONT = ("CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md")
# Code is left alone; a link has a path and perhaps an anchor.
LINK = re.compile(
    r"(?P<code>^ *```.*?^ *```$|`[^`\n]+`)"
    r"|(?<=\]\()(?!https?:|mailto:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))",
    re.M | re.S,
)
# Sections of pages that `site/mkdocs.yml` does not name.
SECTIONS = {"project": "Build", "decisions": "Decisions", "reference": "Reference"}

Navigation = list[dict[str, list[str]]]


class Pages:
    """The pages of the site by name, with links to pages or to the repository."""

    def __init__(self, blob: str, project: Project) -> None:
        """Collect the documents of the repository and of a project.

        Args:
            blob: The address of the repository's files.
            project: The files of a rendered project.
        """
        self.blob = blob
        documents = {
            path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
            for path in (*map(ROOT.joinpath, ("README.md", *FRONT)), *_guides())
        } | {
            f"template/{name}": text
            for name, text in project.items()
            if name.startswith("docs/") and name.endswith(".md")
        }
        self.names = {source: page_name(source) for source in documents}
        self.texts = {
            self.names[source]: self.relinked(source, text)
            for source, text in documents.items()
        }

    def relinked(self, source: str, text: str) -> str:
        """Return a document with the links of its place on the site."""
        folder = posixpath.dirname(self.names[source])

        def link(match: re.Match[str]) -> str:
            if match["code"]:
                return match["code"]
            path = posixpath.join(posixpath.dirname(source), match["path"])
            target = self.target(posixpath.normpath(path), source)
            return (target if ":" in target else relative(target, folder)) + (
                match["anchor"] or ""
            )

        here = relative("configure/index.html", folder)
        return LINK.sub(link, text).replace(CONFIGURATOR, here)

    def target(self, path: str, source: str) -> str:
        """Return a page or an address. Raises ValueError if the file is missing."""
        if path in self.names:
            return self.names[path]
        if path.startswith("docs/pictures/"):
            return path.removeprefix("docs/")
        for name in (path, f"{path}.jinja"):
            if (ROOT / name).exists():
                return f"{self.blob}/{name}"
        raise ValueError(f"{source} links {path}, which does not exist")

    def navigation(self, planned: Navigation) -> Navigation:
        """Add the pages that are in no section; remove those that do not exist."""
        known = {page for part in planned for pages in part.values() for page in pages}
        for name in sorted(set(self.texts) - known):
            title = SECTIONS.get(posixpath.dirname(name), "Extend")
            next(part for part in planned if title in part)[title].append(name)
        return [
            {title: [page for page in pages if page in self.texts]}
            for part in planned
            for title, pages in part.items()
        ]


def _guides() -> list[Path]:
    """Return the Markdown files of docs/."""
    return sorted(ROOT.glob("docs/**/*.md"))


def page_name(source: str) -> str:
    """Return the name of a document on the site."""
    if source == "README.md":
        return "index.md"
    return source.replace("template/docs/", "project/").removeprefix("docs/")


def relative(target: str, folder: str) -> str:
    """Return the path of a page for a link in a folder."""
    return posixpath.relpath(target, folder or ".")


def build(target: Path, url: str = URL) -> None:
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
    pages = Pages(f"{url}/blob/{form['commit']}", project)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    additions = {one: samples.addition(one) for one in switches}
    pages.texts |= {
        "reference/answers.md": reference.answers(form["fields"]),
        "reference/features.md": reference.features(additions),
        "reference/commands.md": reference.commands(makefile, project["Makefile"]),
        "reference/errors.md": reference.errors(project),
        "reference/rules.md": reference.rules(
            yaml.safe_load(project["standards/catalogue.yml"])
        ),
    }
    write(pages)
    generate()
    ignored = shutil.ignore_patterns("configure")
    shutil.copytree(STAGE / "site", target, ignore=ignored, dirs_exist_ok=True)


def write(pages: Pages) -> None:
    """Write pages, pictures and configuration for the generator."""
    docs = STAGE / "docs"
    # The configurator is built already; pages link it.
    for name, text in {**pages.texts, "configure/index.html": ""}.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "docs/pictures", docs / "pictures")
    settings = yaml.safe_load((SITE / "mkdocs.yml").read_text(encoding="utf-8"))
    *sections, configurator = settings["nav"]
    settings["nav"] = [*pages.navigation(sections), configurator]
    written = yaml.safe_dump(settings, sort_keys=False)
    (STAGE / "mkdocs.yml").write_text(written, encoding="utf-8")


def generate() -> None:
    """Run the generator, which refuses broken links. Raises CalledProcessError."""
    uv = Path(sys.executable).with_name("uv")
    pinned = f"--with-requirements={SITE / 'documentation.txt'}"
    command = (uv, "run", "--quiet", "--no-project", "--isolated", pinned)
    subprocess.run((*command, "zensical", "build", "--strict"), cwd=STAGE, check=True)
