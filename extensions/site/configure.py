"""Builds the configurator: static files that render a release in the browser."""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from extensions.questions import ROOT, documents
from extensions.site.configurator import Configurator, Form
from extensions.site.packages import SITE, fetch, pack

PAGE = SITE / "configure"
URL = "https://github.com/example/plumbline"
TEMPLATE = (
    *("copier.yml", "questions", "features", "includes", "alternatives", "upkeep"),
    *("template", "CHANGELOG.md"),
)
OWN = (
    "__init__",
    *(f"site/{it}" for it in ("__init__", "browser", "compiled", "configurator")),
)
PYODIDE = (
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json"),
    "python_stdlib.zip",
)
HIGHLIGHT = re.compile(r'"\./highlight/(.+)"')


def build(target: Path, url: str = URL, repository: Path = ROOT) -> None:
    """Write the configurator of the last commit of a repository into a new folder."""
    packages = fetch()
    shutil.copytree(PAGE, target)
    _replace(target / "index.html", URL, url)
    pack(target / "packages.zip", [ROOT / f"extensions/{name}.py" for name in OWN])
    modules = packages / "node_modules"
    (target / "pyodide").mkdir()
    for name in PYODIDE:
        shutil.copyfile(modules / "pyodide" / name, target / "pyodide" / name)
    for name in HIGHLIGHT.findall((PAGE / "highlight.js").read_text(encoding="utf-8")):
        (target / "highlight" / name).parent.mkdir(parents=True, exist_ok=True)
        source = modules / "@highlightjs/cdn-assets/es" / name
        shutil.copyfile(source, target / "highlight" / name)
    archive = target / "template.tar.gz"
    _git(repository, "archive", f"--output={archive}", "HEAD", *TEMPLATE)
    commit = _git(repository, "describe", "--tags", "--always")
    first = json.dumps(_first_form(archive, url, commit))
    (target / "form.json").write_text(first, encoding="utf-8")
    _list_for_offline(target)


def _git(repository: Path, *arguments: str) -> str:
    """Return the output of git in a repository. Raises CalledProcessError."""
    command = ("git", "-C", str(repository), *arguments)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _replace(path: Path, old: str, new: str) -> None:
    """Replace a text in a file."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new), encoding="utf-8")


def _first_form(archive: Path, url: str, commit: str) -> dict[str, Any]:
    """Return what the page shows before Copier has started."""
    shown: list[Form] = []
    with TemporaryDirectory() as folder:
        source = Path(folder, "template")
        with tarfile.open(archive) as packed:
            packed.extractall(source, filter="data")
        project = str(Path(folder, "project"))
        Configurator(str(source), project, url, commit).update("{}", shown.append)
        questions = dict(_questions(source))
    return {
        "url": url,
        "commit": commit,
        "questions": questions,
        "presets": list(_presets()),
        "fields": shown[0].fields,
    }


def _questions(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what the page knows of each question; a file of questions is a group."""
    for path in (*root.glob("questions/*.yml"), *root.glob("features/*.yml")):
        name = path.stem if path.parent.name == "questions" else path.parent.name
        group = name.capitalize()
        for document in documents(root, str(path.relative_to(root))):
            for question, details in document.items():
                if not question.startswith("_") and details.get("when") is not False:
                    choices = bool(details.get("choices"))
                    shown = {
                        "group": group,
                        "kind": details["type"],
                        "choices": choices,
                    }
                    yield question, shown


def _presets() -> Iterator[dict[str, Any]]:
    """Yield name, comment and answers of each preset."""
    for path in sorted(ROOT.glob("presets/*.yml")):
        text = path.read_text(encoding="utf-8")
        yield {
            "name": path.stem.replace("-", " ").capitalize().replace("Api", "API"),
            "help": text.splitlines()[0].removeprefix("# "),
            "answers": yaml.safe_load(text) or {},
        }


def _list_for_offline(target: Path) -> None:
    """Write the names of all files, and a hash of their contents, into offline.js."""
    files = sorted(path for path in target.rglob("*") if path.is_file())
    contents = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    names = [path.relative_to(target).as_posix() for path in files]
    names = ["./", *(name for name in names if name != "offline.js")]
    worker = target / "offline.js"
    worker.write_text(
        f"const FILES = {json.dumps(names)};\n"
        f'const VERSION = "configure-{contents[:16]}";\n'
        + worker.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
