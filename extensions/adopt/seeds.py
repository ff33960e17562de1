"""Writes into files of the repository's own: Makefile, pyproject.toml and the hooks."""

import json
import re
import tomllib
from typing import NamedTuple

from extensions.adopt.evidence import Evidence
from extensions.adopt.layout import find

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
TARGET = re.compile(r"^([A-Za-z0-9_.\-/ ]+?)\s*::?(?!=)", re.MULTILINE)
INCLUDE = re.compile(r"^-?s?include +(\S+)", re.MULTILINE)
OURS = ("tools", "lint", "types", "standards", "format", "baseline", "update", "drift")
TASKS = "standards/tasks.mk"
HOOKS = ".pre-commit-config.yaml"
# Where each tool has its settings, besides pyproject.toml, and their section there.
SETTINGS = {
    "black": ((), ""),
    "isort": ((".isort.cfg",), r"^\[(tool:)?isort\]"),
    "mypy": (("mypy.ini", ".mypy.ini"), r"^\[mypy\]"),
}


class Seeds(NamedTuple):
    """The new texts of files, and a line for each decision."""

    texts: dict[str, str]
    notes: list[str]


def seeds(evidence: Evidence, rendered: dict[str, bytes], top: bool) -> Seeds:
    """Return the files of the repository that change, and what stays as it is."""
    found = Seeds({}, [])
    _makefile(evidence, found)
    _settings(evidence, rendered["standards/tools.toml"].decode(), found)
    _packages(evidence, found)
    if not top:
        found.notes.append(
            "no hooks and no pipeline: they work at the top of a repository"
        )
    elif evidence.has(HOOKS):
        found.notes.append(
            f"{HOOKS} is kept: add the hooks of standards/hooks.yaml to it"
        )
    else:
        found.texts[HOOKS] = rendered["standards/hooks.yaml"].decode()
        found.notes.append(
            f"{HOOKS}: new; standards/.venv/bin/pre-commit install starts it"
        )
    if (workflow := ".github/workflows/standards.yaml") in rendered:
        found.notes.append(f"{workflow}: new, beside your workflows")
    if ".gitlab/standards.yml" in rendered:
        found.notes.append(
            "add to .gitlab-ci.yml: include: [{local: .gitlab/standards.yml}]"
        )
    return found


def _makefile(evidence: Evidence, found: Seeds) -> None:
    """Include the targets of the standard; those that exist keep their names."""
    name = evidence.has(*MAKEFILES)
    text = evidence.text(name)
    included = [evidence.text(it) for it in INCLUDE.findall(text)]
    written = {
        word
        for one in [text, *included]
        for it in TARGET.findall(one)
        for word in it.split()
    }
    taken = [target for target in OURS if target in written]
    if ".RECIPEPREFIX" in text:
        found.notes.append(
            f"{name} is kept: it has a .RECIPEPREFIX; make -f {TASKS} lint"
        )
        return
    lines = [f"TAKEN := {' '.join(taken)}"] if taken else []
    lines = [
        "# The targets of the standard: standards/README.md",
        *lines,
        f"include {TASKS}",
    ]
    start = text.rstrip("\n") + "\n\n" if text else ""
    found.texts[name or "Makefile"] = start + "\n".join(lines) + "\n"
    renamed = ", ".join(f"standards-{target}" for target in taken)
    own = f"; it has {', '.join(taken)}, so ours are {renamed}" if taken else ""
    found.notes.append(
        f"{name or 'Makefile'}: {'includes' if name else 'new,'} {TASKS}{own}"
    )


def _settings(evidence: Evidence, tools: str, found: Seeds) -> None:
    """Append the settings of each tool that has none."""
    own = evidence.pyproject.get("tool", {})
    blocks = []
    for tool, (files, section) in SETTINGS.items():
        place = "pyproject.toml" if tool in own else evidence.has(*files)
        for name in ("setup.cfg", "tox.ini"):
            if section and re.search(section, evidence.text(name), re.MULTILINE):
                place = place or name
        if place:
            found.notes.append(f"{tool}: your settings in {place} are kept")
        else:
            block = re.search(rf"(?s)(\[tool\.{tool}\]\n.*?)(?=\n\[|\Z)", tools)
            blocks.append(block[1].strip() if block else "")
    if blocks:
        text = evidence.text("pyproject.toml")
        whole = "\n\n".join([*([text.rstrip("\n")] if text else []), *blocks]) + "\n"
        tomllib.loads(whole)
        found.texts["pyproject.toml"] = whole
        names = ", ".join(re.findall(r"tool\.(\w+)\]", "".join(blocks)))
        found.notes.append(f"pyproject.toml: settings of {names}")


def _packages(evidence: Evidence, found: Seeds) -> None:
    """Name the package for setuptools, which finds one that is alone at the top."""
    backend = evidence.pyproject.get("build-system", {}).get(
        "build-backend", "setuptools"
    )
    named = evidence.pyproject.get("tool", {}).get("setuptools", {})
    if "project" not in evidence.pyproject or "setuptools" not in backend or named:
        return
    if evidence.has("src") or re.search(
        r"packages|py_modules", evidence.text("setup.py")
    ):
        return
    if evidence.setup.has_option("options", "packages"):
        return
    names = [it for it in find(evidence).sources if "/" not in it]
    packages = [it for it in names if not it.endswith(".py")]
    modules = [it.removesuffix(".py") for it in names if it.endswith(".py")]
    table = "[tool.setuptools]\npy-modules = " + json.dumps(modules)
    if packages:
        include = json.dumps([f"{it}*" for it in packages])
        table = f"[tool.setuptools.packages.find]\ninclude = {include}"
    text = found.texts.get("pyproject.toml", evidence.text("pyproject.toml"))
    found.texts["pyproject.toml"] = f"{text.rstrip()}\n\n{table}\n"
    found.notes.append("pyproject.toml: setuptools packs the same modules as before")
